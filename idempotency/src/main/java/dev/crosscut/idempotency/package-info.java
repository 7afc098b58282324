/**
 * Idempotency keys: the engine that does work once for one key and replays what came of it, its policy for HTTP, messages and
 * methods, and the interface of its stores.
 *
 * <p><strong>Use:</strong> {@link dev.crosscut.idempotency.Idempotency}, {@link dev.crosscut.idempotency.IdempotentRun},
 * {@link dev.crosscut.idempotency.Idempotent}. <strong>Extend:</strong> {@link dev.crosscut.idempotency.IdempotencyStore},
 * {@link dev.crosscut.idempotency.ValueCodec}, {@link dev.crosscut.idempotency.IdempotencyListener}.
 */
@NullMarked
package dev.crosscut.idempotency;

import org.jspecify.annotations.NullMarked;
