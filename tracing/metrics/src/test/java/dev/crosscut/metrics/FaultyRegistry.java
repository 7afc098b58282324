package dev.crosscut.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.config.MeterFilterReply;
import io.micrometer.core.instrument.distribution.DistributionStatisticConfig;
import io.micrometer.core.instrument.distribution.pause.PauseDetector;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToDoubleFunction;

/** A registry that throws in one place, as often as it is there, until it is mended. */
final class FaultyRegistry extends SimpleMeterRegistry {

    enum Place {
        CONFIG,
        NEW_TIMER,
        NEW_COUNTER,
        NEW_GAUGE,
        NEW_FUNCTION_COUNTER,
        RECORD,
        INCREMENT,
        SNAPSHOT,
        METERS,
        IS_CLOSED,
        REMOVE,
        FILTER_MAP,
        FILTER_ACCEPT,
        FILTER_CONFIGURE,
        ADDED
    }

    private final Place place;
    private final Throwable fault;
    private final AtomicInteger thrown = new AtomicInteger();
    private volatile boolean isMended;

    FaultyRegistry(Place place, Throwable fault) {
        this.place = place;
        this.fault = fault;
        super.config().meterFilter(new MeterFilter() {
            @Override
            public Meter.Id map(Meter.Id id) {
                reached(Place.FILTER_MAP);
                return id;
            }

            @Override
            public MeterFilterReply accept(Meter.Id id) {
                reached(Place.FILTER_ACCEPT);
                return MeterFilterReply.NEUTRAL;
            }

            @Override
            public DistributionStatisticConfig configure(Meter.Id id, DistributionStatisticConfig config) {
                reached(Place.FILTER_CONFIGURE);
                return config;
            }
        });
        super.config().onMeterAdded(meter -> reached(Place.ADDED));
    }

    void mend() {
        isMended = true;
    }

    int thrown() {
        return thrown.get();
    }

    private void reached(Place here) {
        if (here == place && !isMended) {
            thrown.incrementAndGet();
            throw FaultyRegistry.<RuntimeException>sneaky(fault);
        }
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"
    }) // so that a checked exception comes out of what declares none
    private static <E extends Throwable> E sneaky(Throwable fault) throws E {
        throw (E) fault;
    }

    @Override
    public Config config() {
        if (place != null) { // not while the constructor of the parent runs
            reached(Place.CONFIG);
        }
        return super.config();
    }

    @Override
    protected Timer newTimer(Meter.Id id, DistributionStatisticConfig config, PauseDetector pauseDetector) {
        reached(Place.NEW_TIMER);
        return watched(Timer.class, super.newTimer(id, config, pauseDetector));
    }

    @Override
    protected Counter newCounter(Meter.Id id) {
        reached(Place.NEW_COUNTER);
        return watched(Counter.class, super.newCounter(id));
    }

    private <T extends Meter> T watched(Class<T> type, T meter) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    switch (method.getName()) {
                        case "record" -> reached(Place.RECORD);
                        case "increment" -> reached(Place.INCREMENT);
                        case "takeSnapshot" -> reached(Place.SNAPSHOT);
                        default -> {}
                    }
                    try {
                        return method.invoke(meter, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                }));
    }

    @Override
    protected <T> Gauge newGauge(Meter.Id id, T of, ToDoubleFunction<T> value) {
        reached(Place.NEW_GAUGE);
        return super.newGauge(id, of, value);
    }

    @Override
    protected <T> FunctionCounter newFunctionCounter(Meter.Id id, T of, ToDoubleFunction<T> count) {
        reached(Place.NEW_FUNCTION_COUNTER);
        return super.newFunctionCounter(id, of, count);
    }

    @Override
    public List<Meter> getMeters() {
        reached(Place.METERS);
        return super.getMeters();
    }

    @Override
    public boolean isClosed() {
        if (place != null) {
            reached(Place.IS_CLOSED);
        }
        return super.isClosed();
    }

    @Override
    public Meter remove(Meter.Id id) {
        reached(Place.REMOVE);
        return super.remove(id);
    }
}
