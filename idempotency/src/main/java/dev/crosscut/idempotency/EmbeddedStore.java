package dev.crosscut.idempotency;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.Policy;
import com.github.benmanes.caffeine.cache.RemovalCause;
import com.github.benmanes.caffeine.cache.Ticker;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Records in the memory of one process, gone with it. For many threads.
 *
 * <p><em>Concurrency.</em> A record is an immutable value of a map, replaced under the lock of its key. A claim that changes
 * nothing is answered from the value that is there, without a lock.
 *
 * <p><em>Time.</em> Durations are differences of a ticker, so that a clock that is set plays no part. A value says itself
 * when its retention is over; the cache drops it some time later, a second or more where nothing is written.
 *
 * <p><em>Memory.</em> Each record is counted as {@value #RECORD} bytes and those of its outcome or progress, until the cache
 * drops it. Only the claim of a key that is not there is ever refused for want of room: what has been granted can be
 * completed, whatever its outcome takes.
 */
final class EmbeddedStore implements IdempotencyStore, IdempotencyStore.Inspectable {

    static final String MAX_SIZE = "crosscut.idempotency.embedded.max-size";

    /** What a key, a value and their entry in the cache take, as measured on a heap with compressed references. */
    static final int RECORD = 288;

    /** As far as differences of a ticker go. */
    private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE >> 1);

    private static final byte[] NOTHING = {};

    private final long maxBytes;
    private final Ticker ticker;
    private final AtomicLong bytes = new AtomicLong();
    private final Cache<RecordKey, Value> cache;
    private final Policy<RecordKey, Value> policy;
    private final ConcurrentMap<RecordKey, Value> values;

    EmbeddedStore(long maxBytes) {
        this(maxBytes, Ticker.systemTicker());
    }

    EmbeddedStore(long maxBytes, Ticker ticker) {
        if (maxBytes < RECORD) {
            throw new IllegalArgumentException("the embedded store of idempotency keys may take " + maxBytes
                    + " bytes; expected at least " + RECORD + ", the size of a record without an outcome");
        }
        this.maxBytes = maxBytes;
        this.ticker = ticker;
        cache = Caffeine.newBuilder()
                .ticker(ticker)
                .expireAfter(new ByRetention())
                .evictionListener(this::dropped)
                .build();
        policy = cache.policy();
        values = cache.asMap();
    }

    @Override
    public Claim claim(RecordKey key, Fingerprint fingerprint, ClaimTerms terms) {
        Value found = policy.getIfPresentQuietly(key);
        if (found != null) {
            Claim claim = found.claimed(key, terms, ticker.read());
            if (claim != null) {
                return claim;
            }
        }
        Claim claim = claimLocked(key, fingerprint, terms);
        if (claim == null) {
            drop();
            claim = claimLocked(key, fingerprint, terms);
        }
        if (claim == null) {
            throw new IllegalStateException("the embedded store of idempotency keys is full: its records take "
                    + bytes.get() + " bytes, " + MAX_SIZE + " is " + maxBytes
                    + ", and none is dropped before its retention is over; set " + MAX_SIZE
                    + " higher, keep outcomes for a shorter time, or use a store outside the process");
        }
        return claim;
    }

    /** What became of the claim; null where there is no room for a new record. */
    private @Nullable Claim claimLocked(RecordKey key, Fingerprint fingerprint, ClaimTerms terms) {
        Holder<Claim> claim = new Holder<>();
        values.compute(key, (same, before) -> {
            long now = ticker.read();
            if (before == null) {
                if (!reserve()) {
                    return null;
                }
                Value granted = Value.granted(fingerprint, terms, 1, NOTHING, now);
                claim.value = granted.grant(key);
                return granted;
            }
            claim.value = before.claimed(key, terms, now);
            if (claim.value != null) {
                return before;
            }
            // what a release or a completion left is void, what an abandoned run has done is not
            byte[] progress = before.isRunning() && !before.isOver(now) ? before.bytes : NOTHING;
            Value granted = Value.granted(fingerprint, terms, before.epoch + 1, progress, now);
            claim.value = granted.grant(key);
            return replaced(before, granted);
        });
        return claim.value;
    }

    @Override
    public boolean complete(Ticket ticket, ByteBuffer outcome, Duration retention) {
        byte[] kept = copy(outcome);
        Holder<Boolean> done = new Holder<>();
        values.computeIfPresent(ticket.key(), (key, before) -> {
            long now = ticker.read();
            if (before.isOver(now) || !before.isOf(ticket) || before.state == RecordInfo.State.RELEASED) {
                return before;
            }
            done.value = true;
            return before.isRunning()
                    ? replaced(before, before.with(RecordInfo.State.DONE, now, after(now, retention), kept))
                    : before;
        });
        return done.value != null;
    }

    @Override
    public boolean release(Ticket ticket) {
        return change(
                ticket, (before, now) -> before.with(RecordInfo.State.RELEASED, now, before.retainedUntil, NOTHING));
    }

    @Override
    public boolean renew(Ticket ticket, Duration lease, ByteBuffer progress) {
        byte[] kept = copy(progress);
        return change(ticket, (before, now) -> {
            long leasedUntil = after(now, lease);
            long retainedUntil = leasedUntil - before.retainedUntil > 0 ? leasedUntil : before.retainedUntil;
            return before.with(RecordInfo.State.RUNNING, leasedUntil, retainedUntil, kept);
        });
    }

    /** What a running value becomes. */
    @FunctionalInterface
    private interface Change {
        Value apply(Value before, long now);
    }

    private boolean change(Ticket ticket, Change change) {
        Holder<Boolean> changed = new Holder<>();
        values.computeIfPresent(ticket.key(), (key, before) -> {
            long now = ticker.read();
            if (before.isOver(now) || !before.isOf(ticket) || !before.isRunning()) {
                return before;
            }
            changed.value = true;
            return replaced(before, change.apply(before, now));
        });
        return changed.value != null;
    }

    @Override
    public boolean isBlocking() {
        return false;
    }

    @Override
    public Optional<RecordInfo> find(RecordKey key) {
        Value value = policy.getIfPresentQuietly(key);
        long now = ticker.read();
        return value == null || value.isOver(now) ? Optional.empty() : Optional.of(value.info(key, now));
    }

    @Override
    public boolean expire(RecordKey key) {
        Holder<Boolean> found = new Holder<>();
        values.computeIfPresent(key, (same, before) -> {
            if (!before.isOver(ticker.read())) {
                found.value = true;
            }
            bytes.addAndGet(-before.size());
            return null;
        });
        return found.value != null;
    }

    @Override
    public Map<RecordInfo.State, Long> count() {
        Map<RecordInfo.State, Long> count = new EnumMap<>(RecordInfo.State.class);
        for (RecordInfo.State state : RecordInfo.State.values()) {
            count.put(state, 0L);
        }
        long now = ticker.read();
        values.values().stream()
                .filter(value -> !value.isOver(now))
                .forEach(value -> count.merge(value.stateAt(now), 1L, Long::sum));
        return count;
    }

    /** How many bytes the records take. */
    long bytes() {
        return bytes.get();
    }

    /** Drops what has been over for some time. */
    void drop() {
        cache.cleanUp();
    }

    private boolean reserve() {
        long taken = bytes.get();
        while (taken <= maxBytes - RECORD) {
            long witness = bytes.compareAndExchange(taken, taken + RECORD);
            if (witness == taken) {
                return true;
            }
            taken = witness;
        }
        return false;
    }

    private Value replaced(Value before, Value after) {
        bytes.addAndGet(after.size() - before.size());
        return after;
    }

    /** The cache calls it under the lock of the key, for what it drops because its retention is over, and nothing else. */
    private void dropped(@Nullable RecordKey key, @Nullable Value value, RemovalCause cause) {
        if (value != null) {
            bytes.addAndGet(-value.size());
        }
    }

    private static byte[] copy(ByteBuffer bytes) {
        byte[] copy = bytes.hasRemaining() ? new byte[bytes.remaining()] : NOTHING;
        bytes.duplicate().get(copy);
        return copy;
    }

    private static long after(long now, Duration duration) {
        return now + (duration.compareTo(LONGEST) < 0 ? duration : LONGEST).toNanos();
    }

    private static Duration until(long then, long now) {
        return Duration.ofNanos(Math.max(0, then - now));
    }

    /** What a function that runs under the lock of a key tells its caller. For one thread. */
    private static final class Holder<T> {
        private @Nullable T value;
    }

    /** A record without its key. Immutable. */
    private static final class Value {

        /** Never {@link RecordInfo.State#ABANDONED}, which a value becomes by itself. */
        private final RecordInfo.State state;

        private final long owner;
        private final int epoch;
        private final Fingerprint fingerprint;
        private final long leasedUntil;
        private final long retainedUntil;
        private final byte[] bytes;

        private Value(
                RecordInfo.State state,
                long owner,
                int epoch,
                Fingerprint fingerprint,
                long leasedUntil,
                long retainedUntil,
                byte[] bytes) {
            this.state = state;
            this.owner = owner;
            this.epoch = epoch;
            this.fingerprint = fingerprint;
            this.leasedUntil = leasedUntil;
            this.retainedUntil = retainedUntil;
            this.bytes = bytes;
        }

        static Value granted(Fingerprint fingerprint, ClaimTerms terms, int epoch, byte[] progress, long now) {
            return new Value(
                    RecordInfo.State.RUNNING,
                    terms.owner(),
                    epoch,
                    fingerprint,
                    after(now, terms.lease()),
                    after(now, terms.retention()),
                    progress);
        }

        Value with(RecordInfo.State state, long leasedUntil, long retainedUntil, byte[] bytes) {
            return new Value(state, owner, epoch, fingerprint, leasedUntil, retainedUntil, bytes);
        }

        /** What a claim finds; null where it is to be granted anew. */
        @Nullable
        Claim claimed(RecordKey key, ClaimTerms terms, long now) {
            if (isOver(now) || state == RecordInfo.State.RELEASED) {
                return null;
            }
            if (!isRunning()) {
                return new Claim.Done(fingerprint, reader(), until(retainedUntil, now));
            }
            if (owner == terms.owner()) {
                return grant(key);
            }
            if (leasedUntil - now > 0) {
                return new Claim.Running(fingerprint, until(leasedUntil, now));
            }
            Ticket ticket = new Ticket(key, owner, epoch);
            return terms.abandoned().filter(ticket::equals).isPresent()
                    ? null
                    : new Claim.Abandoned(fingerprint, ticket);
        }

        Claim.Granted grant(RecordKey key) {
            return new Claim.Granted(new Ticket(key, owner, epoch), reader());
        }

        private ByteBuffer reader() {
            return ByteBuffer.wrap(bytes).asReadOnlyBuffer();
        }

        boolean isOf(Ticket ticket) {
            return owner == ticket.owner() && epoch == ticket.epoch();
        }

        boolean isRunning() {
            return state == RecordInfo.State.RUNNING;
        }

        boolean isOver(long now) {
            return retainedUntil - now <= 0;
        }

        RecordInfo.State stateAt(long now) {
            return isRunning() && leasedUntil - now <= 0 ? RecordInfo.State.ABANDONED : state;
        }

        RecordInfo info(RecordKey key, long now) {
            return new RecordInfo(
                    key,
                    stateAt(now),
                    epoch,
                    fingerprint,
                    isRunning() ? until(leasedUntil, now) : Duration.ZERO,
                    until(retainedUntil, now),
                    bytes.length);
        }

        int size() {
            return RECORD + bytes.length;
        }
    }

    /** Reading prolongs nothing. */
    private static final class ByRetention implements Expiry<RecordKey, Value> {

        @Override
        public long expireAfterCreate(RecordKey key, Value value, long now) {
            return Math.max(0, value.retainedUntil - now);
        }

        @Override
        public long expireAfterUpdate(RecordKey key, Value value, long now, long current) {
            return expireAfterCreate(key, value, now);
        }

        @Override
        public long expireAfterRead(RecordKey key, Value value, long now, long current) {
            return current;
        }
    }
}
