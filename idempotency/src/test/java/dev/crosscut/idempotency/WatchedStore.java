package dev.crosscut.idempotency;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** A store whose clock a test sets and whose calls it sees, and makes fail. */
final class WatchedStore implements IdempotencyStore {

    private final AtomicLong nanos = new AtomicLong(1);
    private final EmbeddedStore records = new EmbeddedStore(64 << 20, nanos::get);
    private final List<String> calls = new CopyOnWriteArrayList<>();
    private final Set<String> threads = ConcurrentHashMap.newKeySet();
    private final boolean blocking;
    private volatile Set<String> failing = Set.of();
    private volatile Consumer<Ticket> granted = ticket -> {};
    private volatile Runnable completing = () -> {};

    WatchedStore(boolean blocking) {
        this.blocking = blocking;
    }

    /** Lets time pass, for this store alone. */
    void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
    }

    /** Which methods throw from now on. */
    void fail(String... methods) {
        failing = Set.of(methods);
    }

    /** What is done in each claim that is granted, before its caller hears of it. */
    void onGranted(Consumer<Ticket> action) {
        granted = action;
    }

    /** What is done before an outcome is stored. */
    void onComplete(Runnable action) {
        completing = action;
    }

    /** The methods that were called, in order. */
    List<String> calls() {
        return calls;
    }

    Optional<RecordInfo> find(TestExchange exchange) {
        return records.find(RecordKey.parse(exchange.recordKey().orElseThrow()));
    }

    void expire(RecordKey key) {
        records.expire(key);
    }

    /** Somebody else, in another process, takes the record over, and may finish it. */
    Ticket takeOver(TestExchange exchange, Fingerprint fingerprint) {
        RecordKey key = RecordKey.parse(exchange.recordKey().orElseThrow());
        pass(Duration.ofHours(1));
        Duration lease = Duration.ofHours(1);
        var abandoned =
                (Claim.Abandoned) records.claim(key, fingerprint, new ClaimTerms(98, lease, lease, Optional.empty()));
        var taken = (Claim.Granted)
                records.claim(key, fingerprint, new ClaimTerms(99, lease, lease, Optional.of(abandoned.ticket())));
        return taken.ticket();
    }

    /** Gives it up again, with what it says it has done. */
    void giveUp(Ticket ticket, ByteBuffer progress) {
        records.renew(ticket, Duration.ZERO, progress);
    }

    void finish(Ticket ticket, ByteBuffer outcome) {
        records.complete(ticket, outcome, Duration.ofHours(1));
    }

    /** The names of the threads that have called. */
    Set<String> threads() {
        return threads;
    }

    private <T> T called(String method, Supplier<T> call) {
        calls.add(method);
        threads.add(Thread.currentThread().getName());
        if (failing.contains(method)) {
            throw new IllegalStateException("the store is down");
        }
        return call.get();
    }

    @Override
    public Claim claim(RecordKey key, Fingerprint fingerprint, ClaimTerms terms) {
        Claim claim = called("claim", () -> records.claim(key, fingerprint, terms));
        if (claim instanceof Claim.Granted now) {
            granted.accept(now.ticket());
        }
        return claim;
    }

    @Override
    public boolean complete(Ticket ticket, ByteBuffer outcome, Duration retention) {
        completing.run();
        return called("complete", () -> records.complete(ticket, outcome, retention));
    }

    @Override
    public boolean release(Ticket ticket) {
        return called("release", () -> records.release(ticket));
    }

    @Override
    public boolean renew(Ticket ticket, Duration lease, ByteBuffer progress) {
        return called("renew", () -> records.renew(ticket, lease, progress));
    }

    @Override
    public boolean isBlocking() {
        return blocking;
    }
}
