package dev.crosscut.core;

import java.security.SecureRandom;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/*
 * UUIDs of version 7 (RFC 9562, sections 5.7 and 6.2).
 *
 * Order. 48 bits of Unix milliseconds and the 12 bits of rand_a, used as a counter (method 1), make one 60-bit number that
 * only grows: it is the larger of the clock and its predecessor plus one. So ids sort by the time of their making, also
 * within a millisecond and after the clock was set back; more than 4096 a millisecond run ahead of the clock.
 *
 * Uniqueness. The other 62 bits are random: a per-thread generator, mixed with a salt from SecureRandom, so that two
 * processes started in the same instant do not repeat each other. An id is not a secret.
 *
 * Cost. One clock reading, one compare-and-set, no lock. Losing the race costs one more compare-and-set. The text is the
 * one thing allocated: only java.util.UUID can make a String of bytes without copying them.
 */
final class UuidV7 {

    static final UuidV7 GENERATOR = new UuidV7(System::currentTimeMillis);

    private static final int COUNTER_BITS = 12;

    private final AtomicLong last = new AtomicLong();
    private final long salt = new SecureRandom().nextLong();
    private final LongSupplier millis;

    UuidV7(LongSupplier millis) {
        this.millis = millis;
    }

    String next() {
        long stamp = stamp();
        long random = mix(ThreadLocalRandom.current().nextLong() ^ salt);
        long high = ((stamp >>> COUNTER_BITS) << 16) | 0x7000L | (stamp & 0xfff);
        return new UUID(high, (random & 0x3fffffffffffffffL) | Long.MIN_VALUE).toString();
    }

    private long stamp() {
        long now = millis.getAsLong() << COUNTER_BITS;
        while (true) {
            long before = last.get();
            long next = Math.max(now, before + 1);
            if (last.compareAndSet(before, next)) {
                return next;
            }
        }
    }

    /** The finaliser of SplittableRandom's generator (Steele, Lea, Flood: Fast splittable pseudorandom number generators). */
    private static long mix(long z) {
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }
}
