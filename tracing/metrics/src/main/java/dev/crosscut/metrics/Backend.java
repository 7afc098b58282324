package dev.crosscut.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.micrometer.core.instrument.noop.NoopMeter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The registry, as one that may throw, refuse a meter or be closed at any time. What it does not take is counted, and said
 * once for each meter.
 */
final class Backend {

    static final String LOST = "crosscut.metrics.lost";

    private static final System.Logger LOG = System.getLogger("dev.crosscut.metrics");

    private final MeterRegistry registry;
    private final LongSupplier clock;
    private final FixedBuckets buckets = new FixedBuckets();
    private final ReentrantLock lock = new ReentrantLock();
    private final Set<MeterRegistry> filtered = Collections.newSetFromMap(new WeakHashMap<>());
    private final Set<String> compared = ConcurrentHashMap.newKeySet();
    private final Set<String> mixed = ConcurrentHashMap.newKeySet();
    private final Set<String> warned = ConcurrentHashMap.newKeySet();
    private final LongAdder lost = new LongAdder();

    Backend(MeterRegistry registry, LongSupplier clock) {
        this.registry = registry;
        this.clock = clock;
    }

    MeterRegistry registry() {
        return registry;
    }

    /** Fixes the buckets of our names in the registry, and in those that it is made of. */
    void fixBuckets() {
        lock.lock();
        try {
            for (MeterRegistry each : all(registry)) {
                if (filtered.add(each)) {
                    fixBuckets(each);
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private void fixBuckets(MeterRegistry of) {
        try {
            of.config().meterFilter(buckets);
        } catch (VirtualMachineError e) {
            throw e;
        } catch (Throwable e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "The registry " + of.getClass().getName()
                            + " takes no MeterFilter, so that who registers a timer of one"
                            + " of our names chooses its buckets",
                    e);
        }
    }

    private static List<MeterRegistry> all(MeterRegistry of) {
        List<MeterRegistry> all = new ArrayList<>();
        all.add(of);
        if (of instanceof CompositeMeterRegistry composite) {
            composite.getRegistries().forEach(part -> all.addAll(all(part)));
        }
        return all;
    }

    /** The meter of these keys; null where the registry refuses it. Throws what the registry throws. */
    @Nullable
    Meter meter(Convention convention, Tags tags) {
        if (mixed.contains(convention.name())) {
            return null;
        }
        if (!convention.isTimer()) {
            return takes(Counter.builder(convention.name())
                    .description(convention.description())
                    .tags(tags)
                    .register(registry));
        }
        fixBuckets(); // a composite may have got another registry
        Timer timer = Timer.builder(convention.name())
                .description(convention.description())
                .serviceLevelObjectives(durations(convention))
                .tags(tags)
                .register(registry);
        Meter taken = takes(timer);
        if (taken != null && compared.add(convention.name()) && isMixed(convention)) {
            mixed.add(convention.name());
            registry.remove(timer);
            return null;
        }
        return taken;
    }

    private static Duration[] durations(Convention convention) {
        double[] nanos = convention.bucketNanos();
        Duration[] durations = new Duration[nanos.length];
        for (int i = 0; i < nanos.length; i++) {
            durations[i] = Duration.ofNanos((long) nanos[i]);
        }
        return durations;
    }

    private static @Nullable Meter takes(Meter made) {
        return made instanceof NoopMeter ? null : made;
    }

    /** Whether timers of this name were there before the filter was, with other buckets than ours. */
    private boolean isMixed(Convention convention) {
        try {
            return all(registry).stream()
                    .anyMatch(each -> isMixed(each.find(convention.name()).timers()));
        } catch (VirtualMachineError e) {
            throw e;
        } catch (Throwable e) {
            return false; // a registry that cannot say so tells nobody of them
        }
    }

    private static boolean isMixed(Collection<Timer> timers) {
        return timers.stream()
                        .mapToInt(timer -> timer.takeSnapshot().histogramCounts().length)
                        .distinct()
                        .count()
                > 1;
    }

    /** Something was measured that nobody took. */
    void lost() {
        lost.increment();
    }

    long lostSoFar() {
        return lost.sum();
    }

    /** The registry refuses a meter. */
    Pause refused(Convention convention) {
        warnOfLoss(
                convention,
                mixed.contains(convention.name())
                        ? "has timers of that name from before with other buckets, and Prometheus cannot be told of both;"
                                + " expected Crosscut to be built before what registers them, or another name for them"
                        : isClosed() ? "is closed" : "denies it, by a MeterFilter",
                null);
        return new Pause(clock);
    }

    private boolean isClosed() {
        try {
            return registry.isClosed();
        } catch (RuntimeException e) {
            return false;
        }
    }

    /** The registry threw where a meter was registered or recorded. */
    Pause failed(Convention convention, Throwable fault) {
        warnOfLoss(convention, "threw " + fault + "; it is asked again every minute", fault);
        return new Pause(clock);
    }

    private void warnOfLoss(Convention convention, String what, @Nullable Throwable fault) {
        warn(convention.name(), "is not recorded", what + ". What is lost is counted in " + LOST, fault);
    }

    /** Says once what becomes of a meter, and what the registry does with it. */
    void warn(String meter, String effect, String what, @Nullable Throwable fault) {
        if (warned.add(meter)) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "The meter " + meter + " " + effect + ": the registry "
                            + registry.getClass().getName() + " " + what,
                    fault);
        }
    }
}
