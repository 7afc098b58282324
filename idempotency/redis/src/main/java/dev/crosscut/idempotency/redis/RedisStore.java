package dev.crosscut.idempotency.redis;

import dev.crosscut.idempotency.Claim;
import dev.crosscut.idempotency.ClaimTerms;
import dev.crosscut.idempotency.Fingerprint;
import dev.crosscut.idempotency.IdempotencyStore;
import dev.crosscut.idempotency.RecordInfo;
import dev.crosscut.idempotency.RecordKey;
import dev.crosscut.idempotency.Ticket;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.api.StatefulRedisClusterConnection;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Records of idempotency keys in Redis or Valkey: one server, Sentinel, or a cluster. Safe for use by several threads; all
 * share one connection, in a cluster one to each server.
 *
 * <p>A record is one key, and a call is one script on it, carried out by the clock of the server. The key expires when the
 * retention is over, and not before: a record whose lease is over stays, with its owner, epoch and progress.
 *
 * <p>Redis replicates after it has answered. A server that is replaced by its replica may have lost the last records, and so
 * may one that is started again from its disk; the work of those is then done a second time. {@link Builder#replicas} makes
 * that rarer, and {@code docs/idempotency-redis.md} says what is left.
 */
public final class RedisStore implements IdempotencyStore, IdempotencyStore.Inspectable {

    /** No time is longer than a thousand years, so that all sums stay exact. */
    private static final long LONGEST = Duration.ofDays(365_000).toMillis();

    private final Calls calls;
    private final byte[] prefix;
    private final @Nullable Replicas replicas;
    private final byte[] writes;
    private final Runnable closing;

    private RedisStore(Calls calls, byte[] prefix, @Nullable Replicas replicas, Runnable closing) {
        this.calls = calls;
        this.prefix = prefix;
        this.replicas = replicas;
        this.writes = text(replicas == null ? 0 : 1);
        this.closing = closing;
    }

    /**
     * A store on a server, Sentinel or cluster that it connects to itself, and leaves when it is closed.
     *
     * @param uri such as {@code redis://user:password@host:6379/0}, {@code rediss://…} for TLS or
     *     {@code redis-sentinel://host1,host2/0#mymaster}
     * @return a builder
     */
    public static Builder builder(String uri) {
        return new Builder(new Opening.OfUri(() -> uri));
    }

    /** A store on what a secret says, which is read again with each connection. */
    static Builder builder(Supplier<String> uri) {
        return new Builder(new Opening.OfUri(uri));
    }

    /**
     * A store on a client of the application's, which stays open. The store has a connection of its own, made as the client
     * is set up; the builder's time-out is for what comes after.
     *
     * @param client a client that has a URI
     * @return a builder
     */
    public static Builder builder(RedisClient client) {
        return new Builder(new Opening.OfClient(client));
    }

    /**
     * A store on a client of the application's, which stays open. The store has connections of its own, made as the client
     * is set up; the builder's time-out is for what comes after.
     *
     * @param client a client of a cluster
     * @return a builder
     */
    public static Builder builder(RedisClusterClient client) {
        return new Builder(new Opening.OfClusterClient(client));
    }

    /**
     * A store on a connection of the application's, which stays open.
     *
     * @param connection in no transaction, flushed automatically, and not used for commands that block
     * @return a builder
     */
    public static Builder builder(StatefulRedisConnection<byte[], byte[]> connection) {
        return new Builder(new Opening.OfConnection(connection));
    }

    /**
     * A store on a connection of the application's, which stays open.
     *
     * @param connection flushed automatically, and not used for commands that block
     * @return a builder
     */
    public static Builder builder(StatefulRedisClusterConnection<byte[], byte[]> connection) {
        return new Builder(new Opening.OfClusterConnection(connection));
    }

    @Override
    public Claim claim(RecordKey key, Fingerprint fingerprint, ClaimTerms terms) {
        byte[] name = name(key);
        Optional<Ticket> abandoned =
                terms.abandoned().filter(ticket -> ticket.key().equals(key));
        byte[][] arguments = {
            number(terms.owner()),
            text(millis(terms.lease())),
            text(millis(terms.retention())),
            fingerprint.bytes(),
            abandoned.map(ticket -> number(ticket.owner())).orElse(new byte[0]),
            text(abandoned.map(Ticket::epoch).orElse(0)),
            writes
        };
        String what = "claim " + key;
        Sent sent = send(Script.CLAIM, name, what, arguments);
        Claim claim = claimed(key, terms, sent.reply);
        if (claim instanceof Claim.Granted granted) {
            try {
                sent.confirm();
            } catch (IllegalStateException e) {
                giveBack(granted, terms, e);
                throw e;
            }
        }
        return claim;
    }

    private Claim claimed(RecordKey key, ClaimTerms terms, List<Object> reply) {
        if (status(key, reply) == Script.YES) {
            int epoch = Math.toIntExact((Long) reply.get(1));
            return new Claim.Granted(
                    new Ticket(key, terms.owner(), epoch),
                    ByteBuffer.wrap((byte[]) reply.get(2)).asReadOnlyBuffer());
        }
        long now = (Long) reply.get(1);
        RedisRecord found = record(key, (byte[]) reply.get(2));
        return switch (found.stateAt(now)) {
            case RUNNING -> new Claim.Running(found.fingerprint(), Duration.ofMillis(found.lease() - now));
            case ABANDONED -> new Claim.Abandoned(found.fingerprint(), new Ticket(key, found.owner(), found.epoch()));
            case DONE -> new Claim.Done(found.fingerprint(), found.bytes(), Duration.ofMillis(found.expires() - now));
            case RELEASED ->
                throw new IllegalStateException(
                        "the script " + Script.CLAIM + " found " + key + " released and did not grant it");
        };
    }

    /**
     * Undoes a grant that is not on enough replicas, before any work is done for it. A record that was new is released; one
     * that was taken over is abandoned again, and keeps its progress. Where that fails too, the record stays until its lease
     * is over.
     */
    private void giveBack(Claim.Granted granted, ClaimTerms terms, IllegalStateException shortfall) {
        try {
            if (terms.abandoned().isPresent()) {
                renew(granted.ticket(), Duration.ZERO, granted.progress());
            } else {
                release(granted.ticket());
            }
        } catch (IllegalStateException e) {
            shortfall.addSuppressed(e);
        }
    }

    @Override
    public boolean complete(Ticket ticket, ByteBuffer outcome, Duration retention) {
        byte[] name = name(ticket.key());
        byte[][] arguments = {
            number(ticket.owner()), text(ticket.epoch()), text(Math.max(1, millis(retention))), bytes(outcome), writes
        };
        Sent sent = send(Script.COMPLETE, name, "complete " + ticket.key(), arguments);
        boolean completed = status(ticket.key(), sent.reply) == Script.YES;
        if (completed) {
            sent.confirm();
        }
        return completed;
    }

    @Override
    public boolean release(Ticket ticket) {
        return status(
                        ticket.key(),
                        calls.run(
                                Script.RELEASE,
                                name(ticket.key()),
                                "release " + ticket.key(),
                                number(ticket.owner()),
                                text(ticket.epoch())))
                == Script.YES;
    }

    @Override
    public boolean renew(Ticket ticket, Duration lease, ByteBuffer progress) {
        return status(
                        ticket.key(),
                        calls.run(
                                Script.RENEW,
                                name(ticket.key()),
                                "renew " + ticket.key(),
                                number(ticket.owner()),
                                text(ticket.epoch()),
                                text(millis(lease)),
                                bytes(progress)))
                == Script.YES;
    }

    @Override
    public Optional<RecordInfo> find(RecordKey key) {
        List<Object> reply = calls.run(Script.FIND, name(key), "find " + key);
        if (status(key, reply) == Script.NO) {
            return Optional.empty();
        }
        long now = (Long) reply.get(1);
        RedisRecord found = record(key, (byte[]) reply.get(2));
        RecordInfo.State state = found.stateAt(now);
        return Optional.of(new RecordInfo(
                key,
                state,
                found.epoch(),
                found.fingerprint(),
                Duration.ofMillis(state == RecordInfo.State.RUNNING ? found.lease() - now : 0),
                Duration.ofMillis(found.expires() - now),
                Math.toIntExact((Long) reply.get(3) - RedisRecord.HEADER)));
    }

    /** Deletes what is under the key, also where it is no record. */
    @Override
    public boolean expire(RecordKey key) {
        byte[] name = name(key);
        long deleted = calls.await(
                calls.servers().name(name),
                "delete " + key,
                () -> calls.servers().commands().del(name));
        return deleted > 0;
    }

    /**
     * Reads the keys of all masters, in steps, and the header of each record. A key that comes or goes meanwhile may be
     * counted or not, and one that the server moves within its table may be counted twice. What is no record is left out.
     */
    @Override
    public Map<RecordInfo.State, Long> count() {
        return new Count(calls, prefix).run();
    }

    @Override
    public void close() {
        if (calls.close()) {
            closing.run();
        }
    }

    /** Sends a script whose effect may have to be confirmed by replicas. */
    private Sent send(Script script, byte[] name, String what, byte[]... arguments) {
        if (replicas == null) {
            return new Sent(calls.run(script, name, what, arguments), () -> {});
        }
        Servers servers = calls.servers();
        Replicas.Session session = replicas.session(calls.await(servers.name(name), what, () -> servers.holding(name)));
        List<Object> reply;
        try {
            reply = calls.run(session.connection(), script, name, what, arguments);
        } catch (IllegalStateException e) {
            Faults.Moved moved = Faults.moved(e);
            if (moved == null) {
                throw e;
            }
            session =
                    replicas.session(calls.await(moved.toString(), what, () -> servers.at(moved.host(), moved.port())));
            reply = calls.run(session.connection(), script, name, what, arguments);
        }
        Replicas.Session same = session;
        return new Sent(reply, () -> same.confirm(calls, servers.name(name), what));
    }

    /**
     * What a script has replied.
     *
     * @param reply the reply
     * @param confirmation waits for replicas, where any are asked for, and throws where there are too few
     */
    private record Sent(List<Object> reply, Runnable confirmation) {
        void confirm() {
            confirmation.run();
        }
    }

    private byte[] name(RecordKey key) {
        return Count.name(prefix, key);
    }

    private long status(RecordKey key, List<Object> reply) {
        long status = (Long) reply.get(0);
        if (status == Script.FOREIGN) {
            throw foreign(key, RedisRecord.describe((Long) reply.get(1), (byte[]) reply.get(2)));
        }
        return status;
    }

    private RedisRecord record(RecordKey key, byte[] value) {
        RedisRecord read = RedisRecord.read(value);
        if (read == null) {
            throw foreign(key, RedisRecord.describe(value.length, value));
        }
        return read;
    }

    private IllegalStateException foreign(RecordKey key, String found) {
        byte[] name = name(key);
        return new IllegalStateException("Redis at " + calls.servers().name(name) + " holds under "
                + new String(name, StandardCharsets.UTF_8) + " " + found
                + ". Nothing was overwritten. Delete it where nothing else needs it, or choose another prefix");
    }

    private static long millis(Duration duration) {
        return duration.compareTo(Duration.ofMillis(LONGEST)) > 0 ? LONGEST : Math.max(0, duration.toMillis());
    }

    private static byte[] number(long owner) {
        return ByteBuffer.allocate(Long.BYTES).putLong(owner).array();
    }

    private static byte[] text(long number) {
        return Long.toString(number).getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }

    /** What a store can be set to. Everything has a default. For one thread. */
    public static final class Builder {

        private final Opening opening;
        private final List<String> problems = new ArrayList<>();
        private String prefix = RedisSettings.PREFIX_DEFAULT;
        private Duration timeout = RedisSettings.TIMEOUT_DEFAULT;
        private int replicas;
        private Duration wait = RedisSettings.WAIT_TIMEOUT_DEFAULT;
        private boolean cluster;

        private Builder(Opening opening) {
            this.opening = opening;
        }

        /**
         * What the names of all keys begin with; the hashed key follows, as 64 hexadecimal digits.
         *
         * @param text not empty; in a cluster without braces, or all records are on one server
         * @return this
         */
        public Builder prefix(String text) {
            prefix = text;
            return this;
        }

        /**
         * How long a call may take, and to connect.
         *
         * @param bound a millisecond to an hour
         * @return this
         */
        public Builder timeout(Duration bound) {
            timeout = bound;
            return this;
        }

        /**
         * How many replicas must have a claim before it is granted, and an outcome before it counts as stored. With fewer,
         * the claim is undone and refused. By default 0: nobody waits. A call may then take two such bounds longer, its own
         * and that of another one on the connection.
         *
         * @param number 0 or more
         * @param bound how long to wait for them, a millisecond to an hour
         * @return this
         */
        public Builder replicas(int number, Duration bound) {
            replicas = number;
            wait = bound;
            return this;
        }

        /**
         * Whether the URI is that of a cluster. A client or a connection says that itself.
         *
         * @param isCluster false by default
         * @return this
         */
        public Builder cluster(boolean isCluster) {
            cluster = isCluster;
            return this;
        }

        /**
         * Connects, and looks at the server: a replica is refused, and one that evicts keys is warned of.
         *
         * @return the store
         * @throws IllegalStateException if what is set cannot be used, with all that is wrong with it, or if the server
         *     cannot be reached or is no master
         */
        public RedisStore open() {
            check(!prefix.isEmpty(), "the prefix is empty; expected a text that no other key begins with");
            check(RedisSettings.isBound(timeout), "the time-out is " + timeout + "; expected " + RedisSettings.BOUND);
            check(replicas >= 0, "the number of replicas is " + replicas + "; expected 0 or more");
            check(
                    RedisSettings.isBound(wait),
                    "the time-out for replicas is " + wait + "; expected " + RedisSettings.BOUND);
            if (!problems.isEmpty()) {
                throw new IllegalStateException("the store cannot be opened: " + String.join("; ", problems));
            }
            Opening.Opened opened = opening.open(timeout, cluster);
            try {
                // A call may be behind two that wait for replicas.
                Duration bound = replicas == 0 ? timeout : timeout.plus(wait.multipliedBy(2));
                Calls calls = new Calls(opened.servers(), bound);
                StartCheck.run(calls);
                return new RedisStore(
                        calls,
                        prefix.getBytes(StandardCharsets.UTF_8),
                        replicas == 0 ? null : new Replicas(replicas, wait),
                        opened.closing());
            } catch (RuntimeException e) {
                opened.closing().run();
                throw e;
            }
        }

        private void check(boolean holds, String problem) {
            if (!holds) {
                problems.add(problem);
            }
        }
    }
}
