package dev.crosscut.idempotency;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import java.util.function.IntPredicate;
import java.util.function.Supplier;

/** An embedded store whose calls fail, wait, or are noted, as a test says. For many threads. */
final class FaultyStore implements IdempotencyStore, IdempotencyStore.Inspectable {

    /** What a store is asked. */
    enum Call {
        CLAIM,
        COMPLETE,
        RELEASE,
        RENEW
    }

    /** What a store that is out of reach throws. */
    static final class Unreachable extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Unreachable(String message) {
            super(message);
        }
    }

    /** What happens at one kind of call, whose number counts from 1. */
    private static final class Plan {
        private final AtomicInteger count = new AtomicInteger();
        private volatile IntPredicate failsBefore = number -> false;
        private volatile IntPredicate failsAfter = number -> false;
        private volatile IntConsumer before = number -> {};
        private volatile IntConsumer after = number -> {};
    }

    private final EmbeddedStore store;
    private final boolean blocking;
    private final Map<Call, Plan> plans = new EnumMap<>(Call.class);
    private final List<String> threads = new CopyOnWriteArrayList<>();
    private volatile boolean noting;
    private volatile boolean down;

    FaultyStore(EmbeddedStore store, boolean blocking) {
        this.store = store;
        this.blocking = blocking;
        for (Call call : Call.values()) {
            plans.put(call, new Plan());
        }
    }

    private Plan plan(Call call) {
        return Objects.requireNonNull(plans.get(call));
    }

    /** Out of reach until said otherwise. */
    void down(boolean down) {
        this.down = down;
    }

    /** The numbers of the calls that fail before anything was done, from now on. */
    void failBefore(Call call, IntPredicate numbers) {
        restart(call).failsBefore = numbers;
    }

    /** The numbers of the calls that are done and whose reply is lost, from now on. */
    void failAfter(Call call, IntPredicate numbers) {
        restart(call).failsAfter = numbers;
    }

    void before(Call call, IntConsumer action) {
        restart(call).before = action;
    }

    void after(Call call, IntConsumer action) {
        restart(call).after = action;
    }

    private Plan restart(Call call) {
        Plan plan = plan(call);
        plan.count.set(0);
        return plan;
    }

    /** How many calls there were, those that failed too. */
    int count(Call call) {
        return plan(call).count.get();
    }

    /** Which threads have called since now. */
    List<String> callers() {
        noting = true;
        return threads;
    }

    private <T> T call(Call call, Supplier<T> real) {
        Plan plan = plan(call);
        int number = plan.count.incrementAndGet();
        if (noting) {
            threads.add(Thread.currentThread().getName());
        }
        plan.before.accept(number);
        if (down || plan.failsBefore.test(number)) {
            throw new Unreachable(call + " " + number + " was not done");
        }
        T result = real.get();
        plan.after.accept(number);
        if (plan.failsAfter.test(number)) {
            throw new Unreachable("the reply to " + call + " " + number + " was lost");
        }
        return result;
    }

    @Override
    public Claim claim(RecordKey key, Fingerprint fingerprint, ClaimTerms terms) {
        return call(Call.CLAIM, () -> store.claim(key, fingerprint, terms));
    }

    @Override
    public boolean complete(Ticket ticket, ByteBuffer outcome, Duration retention) {
        return call(Call.COMPLETE, () -> store.complete(ticket, outcome, retention));
    }

    @Override
    public boolean release(Ticket ticket) {
        return call(Call.RELEASE, () -> store.release(ticket));
    }

    @Override
    public boolean renew(Ticket ticket, Duration lease, ByteBuffer progress) {
        return call(Call.RENEW, () -> store.renew(ticket, lease, progress));
    }

    @Override
    public boolean isBlocking() {
        return blocking;
    }

    @Override
    public Optional<RecordInfo> find(RecordKey key) {
        return store.find(key);
    }

    @Override
    public boolean expire(RecordKey key) {
        return store.expire(key);
    }

    @Override
    public Map<RecordInfo.State, Long> count() {
        return store.count();
    }
}
