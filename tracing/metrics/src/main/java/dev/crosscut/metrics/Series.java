package dev.crosscut.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One series of a meter: the numbers of its values, and what the registry has for it. Where the registry refuses it or
 * fails, what is measured is counted as lost, and the registry is asked again after a while.
 */
final class Series {

    final long first;
    final long second;
    final long third;
    private final Instrument instrument;
    private volatile @Nullable Meter meter;
    private volatile @Nullable Pause pause;

    Series(Instrument instrument, long first, long second, long third) {
        this.instrument = instrument;
        this.first = first;
        this.second = second;
        this.third = third;
    }

    boolean is(long ofFirst, long ofSecond, long ofThird) {
        return first == ofFirst && second == ofSecond && third == ofThird;
    }

    /** Records an amount: nanoseconds, or how many. */
    void take(long amount) {
        Meter known = meter;
        Meter ready = known == null ? find() : known;
        if (ready == null) {
            instrument.backend().lost();
            return;
        }
        try {
            if (ready instanceof Timer timer) {
                timer.record(amount, TimeUnit.NANOSECONDS);
            } else {
                ((Counter) ready).increment((double) amount);
            }
        } catch (VirtualMachineError e) {
            throw e;
        } catch (Throwable e) {
            pause = instrument.backend().failed(instrument.convention(), e);
            meter = null;
            instrument.backend().lost();
        }
    }

    /** Several threads may find it at once: a registry has one meter for one name and keys. */
    private @Nullable Meter find() {
        Pause waiting = pause;
        if (waiting != null && !waiting.isOver()) {
            return null;
        }
        Backend backend = instrument.backend();
        try {
            Meter found = backend.meter(instrument.convention(), instrument.tags(this));
            meter = found;
            pause = found == null ? backend.refused(instrument.convention()) : null;
            return found;
        } catch (VirtualMachineError e) {
            throw e;
        } catch (Throwable e) {
            pause = backend.failed(instrument.convention(), e);
            return null;
        }
    }
}
