package dev.crosscut.benchmarks;

import dev.crosscut.core.Exchange;

/** The least that an adapter's exchange can be: no object of its own protocol behind it. */
final class Unit extends Exchange {

    Unit() {
        super(Kind.SERVER);
    }

    @Override
    public String protocol() {
        return "benchmark";
    }

    @Override
    public String operation() {
        return "unit";
    }
}
