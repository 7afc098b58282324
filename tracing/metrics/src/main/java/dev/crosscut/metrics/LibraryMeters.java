package dev.crosscut.metrics;

import dev.crosscut.core.Crosscut;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The meters of the library itself, which are asked for when the registry is read. They are in it from the moment that the
 * Crosscut is built until it is closed; the registry may outlive it.
 */
final class LibraryMeters implements AutoCloseable {

    private static final String FAULTS = "crosscut.faults";
    private static final String PARTICIPANT = "participant";
    private static final String LEVEL = "level";
    private static final Set<String> LEVELS = Set.of("trace", "debug", "info", "warn", "error");

    private final Backend backend;
    private final Collection<Dimension> dimensions;
    private final SeriesLimit limit;
    private final ReentrantLock lock = new ReentrantLock();
    private final List<Meter> registered = new ArrayList<>();
    private final Set<String> participants = new HashSet<>();
    private final Map<String, Long> last = new ConcurrentHashMap<>();
    private @Nullable Crosscut crosscut;
    private boolean isClosed;

    LibraryMeters(Backend backend, Collection<Dimension> dimensions, SeriesLimit limit) {
        this.backend = backend;
        this.dimensions = List.copyOf(dimensions);
        this.limit = limit;
    }

    void register(Crosscut of) {
        lock.lock();
        try {
            crosscut = of;
        } finally {
            lock.unlock();
        }
        Set<String> counters = of.counters().keySet();
        for (String name : counters) {
            boolean byLevel = isByLevel(name, counters);
            int dot = name.lastIndexOf('.');
            counter(
                    byLevel ? name.substring(0, dot) : name,
                    byLevel ? Tags.of(LEVEL, name.substring(dot + 1)) : Tags.empty(),
                    "Counted by a plugin.",
                    () -> of.counters().getOrDefault(name, 0L));
        }
        for (String name : of.gauges().keySet()) {
            gauge(name, Tags.empty(), "Measured by a plugin.", () -> of.gauges().getOrDefault(name, 0L));
        }
        dimensions.forEach(dimension -> overflow(dimension.key(), dimension::overflow));
        overflow("*", limit::overflow);
        gauge(
                "crosscut.metrics.series",
                Tags.empty(),
                "Series of all meters of exchanges, but for those beyond the limit.",
                () -> {
                    findParticipants();
                    return limit.taken();
                });
    }

    /**
     * Whether it is one of several counts that differ in a level of logging. These are one meter, whose key is the level:
     * Prometheus would cut {@code info} off the name, and so call that one what all of them together are.
     */
    private static boolean isByLevel(String name, Set<String> all) {
        int dot = name.lastIndexOf('.');
        return dot > 0
                && LEVELS.contains(name.substring(dot + 1))
                && all.contains(name.substring(0, dot) + ".info")
                && all.contains(name.substring(0, dot) + ".error");
    }

    private void overflow(String key, LongSupplier value) {
        gauge(
                "crosscut.metrics.overflow",
                Tags.of("key", key),
                "How often the value of a key was one too many, and was measured as " + Conventions.OTHER + ".",
                value);
    }

    /**
     * Participants have a count once they have failed, of which nobody tells: so they are looked for whenever the registry
     * is read.
     */
    private void findParticipants() {
        Crosscut of;
        lock.lock();
        try {
            of = crosscut;
        } finally {
            lock.unlock();
        }
        if (of == null) {
            return;
        }
        for (String name : of.faults().keySet()) {
            if (isNew(name)) {
                counter(
                        FAULTS,
                        Tags.of(PARTICIPANT, name),
                        "What participants of the pipeline have done wrong.",
                        () -> of.faults().getOrDefault(name, 0L));
            }
        }
    }

    private boolean isNew(String participant) {
        lock.lock();
        try {
            return participants.add(participant);
        } finally {
            lock.unlock();
        }
    }

    private void counter(String name, Tags tags, String description, LongSupplier value) {
        add(
                name,
                tags,
                registry -> FunctionCounter.builder(name, this, meters -> meters.read(name + tags, value))
                        .tags(tags)
                        .description(description)
                        .register(registry));
    }

    private void gauge(String name, Tags tags, String description, LongSupplier value) {
        add(
                name,
                tags,
                registry -> Gauge.builder(name, this, meters -> meters.read(name + tags, value))
                        .tags(tags)
                        .description(description)
                        .register(registry));
    }

    private interface Registration {
        Meter in(MeterRegistry registry);
    }

    /** Adds a meter unless there is one: it is somebody else's, who takes it away. */
    private void add(String name, Tags tags, Registration registration) {
        MeterRegistry registry = backend.registry();
        try {
            if (registry.find(name).tags(tags).meter() == null) {
                keep(registration.in(registry));
            }
        } catch (VirtualMachineError e) {
            throw e;
        } catch (Throwable e) {
            backend.warn(name, "is not there", "threw " + e, e);
        }
    }

    private void keep(Meter meter) {
        boolean isLate;
        lock.lock();
        try {
            isLate = isClosed;
            registered.add(meter);
        } finally {
            lock.unlock();
        }
        if (isLate) {
            close();
        }
    }

    /** A value that no reader of the registry can trip over: a number that is not negative, of before where it cannot be had. */
    private double read(String what, LongSupplier value) {
        try {
            long now = Math.max(0, value.getAsLong());
            last.put(what, now);
            return now;
        } catch (RuntimeException e) {
            return last.getOrDefault(what, 0L);
        }
    }

    @Override
    public void close() {
        List<Meter> gone;
        lock.lock();
        try {
            isClosed = true;
            crosscut = null;
            gone = List.copyOf(registered);
            registered.clear();
        } finally {
            lock.unlock();
        }
        for (Meter meter : gone) {
            try {
                backend.registry().remove(meter);
            } catch (RuntimeException e) {
                backend.warn(meter.getId().getName(), "may still be there", "threw " + e, e);
            }
        }
    }
}
