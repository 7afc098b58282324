package dev.crosscut.idempotency;

import dev.crosscut.core.Secret;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.LongSupplier;

/**
 * Does work once for one key, and replays its outcome.
 *
 * <pre>{@code
 * Receipt receipt = idempotency
 *         .operation("charge")
 *         .scope(tenant)
 *         .key(key)
 *         .fingerprint(order)
 *         .once(Receipt.class, run -> gateway.charge(order, run.downstreamKey("gateway")));
 * }</pre>
 *
 * <p>Immutable and safe for use by any number of threads. Closing it leaves the store open that it was given, and the
 * records of work that is still going on to run out.
 */
public final class Idempotency implements AutoCloseable {

    final Engine engine;
    private final Policy policy;

    private Idempotency(Builder builder) {
        engine = new Engine(
                builder.store,
                new OutcomeFormat(builder.compressAbove, builder.encryptionKey, builder.encryptionKeys),
                builder.codec,
                new NearCache(builder.nearCache, builder.nearCacheAge, builder.clock),
                List.copyOf(builder.listeners),
                builder.threads,
                builder.clock);
        policy = builder.policy;
    }

    /**
     * Starts a configuration.
     *
     * @param store keeps the records; closed by who opened it
     * @return takes the rest
     */
    public static Builder builder(IdempotencyStore store) {
        return new Builder(store);
    }

    /**
     * Work that is to be done once.
     *
     * @param name what is done, the same in all processes and releases: keys of one operation are none of another
     * @return takes the key
     * @throws IllegalArgumentException if the name is blank
     */
    public IdempotentOperation operation(String name) {
        return IdempotentOperation.named(engine, name, policy);
    }

    /**
     * The store, for those who look into it.
     *
     * @return what the builder was given
     */
    public IdempotencyStore store() {
        return engine.store;
    }

    @Override
    public void close() {
        engine.close();
    }

    /** An {@link Idempotency} in the making. For one thread. */
    public static final class Builder {

        private final IdempotencyStore store;
        private final List<IdempotencyListener> listeners = new ArrayList<>();
        private final Map<String, Secret> encryptionKeys = new TreeMap<>();
        private Optional<String> encryptionKey = Optional.empty();
        private Policy policy = Policy.DEFAULT;
        private int compressAbove = Integer.MAX_VALUE;
        private long nearCache;
        private Duration nearCacheAge = Duration.ofMinutes(1);
        private int threads = 16;
        private ValueCodec codec = new JsonCodec();
        private LongSupplier clock = System::nanoTime;

        private Builder(IdempotencyStore store) {
            this.store = Objects.requireNonNull(store, "store");
        }

        /**
         * How long an owner has before others may take its record for abandoned, unless it renews its lease, which it does at
         * a third of it for as long as it is alive, but no longer than the retention or a day, whichever is longer: the time
         * that a retry after a crash waits.
         *
         * @param lease 100 ms to 1 day; 30 seconds unless set
         * @return this
         */
        public Builder lease(Duration lease) {
            this.policy = policy.lease(lease);
            return this;
        }

        /**
         * How long an outcome is replayed.
         *
         * @param retention 100 ms to 3650 days, the lease where it is shorter; 24 hours unless set
         * @return this
         */
        public Builder retention(Duration retention) {
            this.policy = policy.retention(retention);
            return this;
        }

        /**
         * What becomes of work whose owner did not say how it came out.
         *
         * @param onAbandoned {@link OnAbandoned#REFUSE} unless set
         * @return this
         */
        public Builder onAbandoned(OnAbandoned onAbandoned) {
            this.policy = policy.onAbandoned(onAbandoned);
            return this;
        }

        /**
         * The largest outcome that is kept, in bytes as the codec writes it. Of a larger one is kept that it was.
         *
         * @param bytes 1 MiB unless set
         * @return this
         */
        public Builder maxOutcome(int bytes) {
            this.policy = policy.maxOutcome(bytes);
            return this;
        }

        /**
         * Deflates outcomes that are larger.
         *
         * @param bytes none unless set
         * @return this
         */
        public Builder compressAbove(int bytes) {
            this.compressAbove = bytes;
            return this;
        }

        /**
         * Encrypts outcomes by AES-GCM. Keys that are not used any more stay until the outcomes under them are over.
         *
         * @param name the name of the key that is used from now on, one of the keys'
         * @param keys 16, 24 or 32 bytes in Base64 each, by names of at most 255 bytes
         * @return this
         */
        public Builder encryption(String name, Map<String, Secret> keys) {
            this.encryptionKey = Optional.of(name);
            this.encryptionKeys.putAll(keys);
            return this;
        }

        /**
         * Keeps finished records in this process too, so that replaying them costs no round trip. A record that is
         * {@linkplain IdempotencyStore.Inspectable#expire expired} by hand stays here for as long as said.
         *
         * @param maxBytes the memory that they may take; nothing is kept unless set
         * @param longest how long one is kept at most
         * @return this
         */
        public Builder nearCache(long maxBytes, Duration longest) {
            this.nearCache = maxBytes;
            this.nearCacheAge = longest;
            return this;
        }

        /**
         * How many threads wait for a blocking store on behalf of asynchronous callers and of leases.
         *
         * @param threads 16 unless set; they are made when they are needed, and end when they are not
         * @return this
         */
        public Builder threads(int threads) {
            this.threads = threads;
            return this;
        }

        /**
         * How values are written.
         *
         * @param codec JSON unless set
         * @return this
         */
        public Builder codec(ValueCodec codec) {
            this.codec = Objects.requireNonNull(codec);
            return this;
        }

        /**
         * Adds a listener.
         *
         * @param listener is told what becomes of keys
         * @return this
         */
        public Builder listener(IdempotencyListener listener) {
            listeners.add(Objects.requireNonNull(listener));
            return this;
        }

        /** Keys of outcomes that are kept, also where none is encrypted any more. */
        Builder decryption(Map<String, Secret> keys) {
            this.encryptionKeys.putAll(keys);
            return this;
        }

        Builder policy(Policy policy) {
            this.policy = policy;
            return this;
        }

        /** For tests: the clock, in nanoseconds. */
        Builder clock(LongSupplier clock) {
            this.clock = clock;
            return this;
        }

        /**
         * Checks what was said.
         *
         * @return ready for work
         * @throws IllegalArgumentException if a bound is negative, there is no thread, or a key is missing or none
         */
        public Idempotency build() {
            if (threads < 1 || nearCache < 0 || compressAbove < 0) {
                throw new IllegalArgumentException("compressAbove is " + compressAbove
                        + ", nearCache " + nearCache + ", threads " + threads
                        + "; expected none below 0, and at least one thread");
            }
            return new Idempotency(this);
        }
    }

    /** Stands for a transaction of the caller's. */
    static IdempotencyStore within(IdempotencyStore store, Connection connection) {
        if (store instanceof IdempotencyStore.Transactional transactional) {
            return transactional.within(connection);
        }
        throw new IllegalStateException(store.getClass().getName()
                + " keeps its records in no database; expected a store that does, such as that of crosscut-idempotency-jdbc,"
                + " for work within a transaction");
    }
}
