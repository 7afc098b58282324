/** Records of idempotency keys in Redis. */
@NullMarked
package dev.crosscut.idempotency.redis;

import org.jspecify.annotations.NullMarked;
