/**
 * Idempotency keys: the engine that does work once for one key and replays what came of it, its policy for HTTP, messages and
 * methods, and the interface of its stores.
 */
package dev.crosscut.idempotency;
