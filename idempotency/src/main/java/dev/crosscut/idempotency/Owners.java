package dev.crosscut.idempotency;

import java.security.SecureRandom;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Numbers of owners. Those of one process are all different, since a counter is scattered by a permutation; where it begins
 * is random, so those of two processes meet only by chance, one in 2<sup>64</sup> for each pair.
 */
final class Owners {

    private final AtomicLong next = new AtomicLong(new SecureRandom().nextLong());

    /** The finaliser of SplitMix64 (Steele, Lea, Flood 2014), which is a permutation. */
    long next() {
        long z = next.getAndAdd(0x9e3779b97f4a7c15L);
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }
}
