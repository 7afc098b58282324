package dev.crosscut.idempotency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.crosscut.idempotency.IdempotencyException.Reason;
import dev.crosscut.idempotency.IdempotencyListener.Event;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Processes that share a store, with a clock that a test sets and a log that it reads. Closes them after each test. */
final class World implements BeforeEachCallback, AfterEachCallback {

    static final Duration LEASE = Duration.ofSeconds(30);
    static final Duration RETENTION = Duration.ofHours(24);
    private static final Logger LOGGER = Logger.getLogger("dev.crosscut.idempotency");

    /** A while before the end of what such a clock says, which is where it begins anew. */
    final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1_000_000_000);

    final AtomicInteger effects = new AtomicInteger();
    final List<Event> events = new CopyOnWriteArrayList<>();
    final List<String> log = new CopyOnWriteArrayList<>();
    final FaultyStore store;
    final Idempotency here;
    final Idempotency there;

    private final List<Idempotency> all = new ArrayList<>();
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord record) {
            if (record.getLevel().intValue() >= Level.WARNING.intValue()) {
                log.add(record.getMessage());
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    /** With a clock that stands still unless the test lets time pass. */
    World() {
        this(false, false);
    }

    private World(boolean blocking, boolean real) {
        if (real) {
            store = new FaultyStore(new EmbeddedStore(64 << 20), blocking);
            here = process(builder -> builder.clock(System::nanoTime));
            there = process(builder -> builder.clock(System::nanoTime));
        } else {
            store = new FaultyStore(new EmbeddedStore(64 << 20, nanos::get), blocking);
            here = process(builder -> builder);
            there = process(builder -> builder);
        }
    }

    static World blocking() {
        return new World(true, false);
    }

    /** With a clock that goes. */
    static World real(boolean blocking) {
        return new World(blocking, true);
    }

    /** One more process that shares the store. */
    Idempotency process(UnaryOperator<Idempotency.Builder> settings) {
        Idempotency.Builder builder =
                Idempotency.builder(store).clock(nanos::get).listener((event, name, key) -> events.add(event));
        Idempotency process = settings.apply(builder).build();
        all.add(process);
        return process;
    }

    IdempotentOperation charge() {
        return charge(here);
    }

    static IdempotentOperation charge(Idempotency process) {
        return process.operation("charge").scope("acme").key("k1").fingerprint(new byte[] {1});
    }

    /** The key of {@link #charge()}. */
    static RecordKey key() {
        return RecordKey.of("charge", List.of("acme"), "k1");
    }

    static Request request(UnaryOperator<Policy> policy) {
        return new Request("charge", key(), Fingerprint.of(new byte[] {1}), policy.apply(Policy.DEFAULT));
    }

    /** A run that nobody will end: its process is gone. */
    static IdempotentRun crashed(Idempotency process) {
        return owned(process, request(policy -> policy));
    }

    static IdempotentRun owned(Idempotency process, Request request) {
        Admission admission = process.engine.admit(request);
        assertThat(admission).isInstanceOf(Admission.Owned.class);
        return ((Admission.Owned) admission).run();
    }

    /** Has an effect, and says which. */
    String effect(IdempotentRun run) {
        return "e" + effects.incrementAndGet();
    }

    void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
    }

    void leaseIsOver() {
        pass(LEASE);
    }

    RecordInfo.State state() {
        return store.find(key()).orElseThrow().state();
    }

    static Reason reason(Callable<?> call) {
        Throwable thrown = catchThrowable(call::call);
        assertThat(thrown).isInstanceOf(IdempotencyException.class);
        return ((IdempotencyException) thrown).reason();
    }

    /** Waits for what another thread is about to do. */
    static void eventually(BooleanSupplier condition, String what) throws InterruptedException {
        long began = System.nanoTime();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - began).as(what).isLessThan(TimeUnit.SECONDS.toNanos(10));
            Thread.sleep(2);
        }
    }

    /** Hangs until the latch is open. */
    static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        LOGGER.setUseParentHandlers(false);
        LOGGER.addHandler(handler);
    }

    @Override
    public void afterEach(ExtensionContext context) {
        all.forEach(Idempotency::close);
        LOGGER.removeHandler(handler);
        LOGGER.setUseParentHandlers(true);
    }
}
