package dev.crosscut.idempotency.redis;

import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.api.StatefulRedisConnection;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Waits until replicas have what was written.
 *
 * <p><b>One socket.</b> {@code WAIT} is about what the socket that it comes through has written. Lettuce opens another one
 * where the first breaks, maybe to another server, and sends again what has had no reply; a {@code WAIT} that gets there
 * without the write that it was for tells of the replicas of that server, which may never have seen it. So a write and its
 * {@code WAIT} share a {@link Session}, which is over when the socket breaks, and then nothing is confirmed. What is sent
 * again must write again, too: a script that finds its work done already writes the record once more.
 *
 * <p><b>One at a time.</b> {@code WAIT} holds up all commands behind it on its socket. There is one under way at most; those
 * who ask meanwhile share the next one. However many threads wait for replicas that are gone, no command is held up longer
 * than two time-outs.
 */
final class Replicas {

    private final int number;
    private final Duration timeout;
    private final ConcurrentMap<StatefulRedisConnection<byte[], byte[]>, Session> sessions = new ConcurrentHashMap<>();

    Replicas(int number, Duration timeout) {
        this.number = number;
        this.timeout = timeout;
    }

    /** The life of a connection that is going on. */
    Session session(StatefulRedisConnection<byte[], byte[]> connection) {
        return sessions.computeIfAbsent(connection, Session::new);
    }

    /** From one opening of a socket until it breaks. */
    final class Session implements RedisConnectionStateListener {

        private final StatefulRedisConnection<byte[], byte[]> connection;
        private final ReentrantLock lock = new ReentrantLock();
        private @Nullable CompletableFuture<Long> underWay;
        private @Nullable CompletableFuture<Long> next;
        private volatile boolean over;

        private Session(StatefulRedisConnection<byte[], byte[]> connection) {
            this.connection = connection;
            connection.addListener(this);
        }

        StatefulRedisConnection<byte[], byte[]> connection() {
            return connection;
        }

        /**
         * Waits until enough replicas have what has been written in this session so far.
         *
         * @throws IllegalStateException if there are fewer in time, or the session is over
         */
        void confirm(Calls calls, String server, String what) {
            long confirmed = calls.awaitShared(server, what + " on replicas", confirmed());
            if (over) {
                throw new IllegalStateException("Redis at " + server + " could not " + what
                        + ": the connection broke before it was known whether replicas have it");
            }
            if (confirmed < number) {
                throw new IllegalStateException("Redis at " + server + " could not " + what + ": " + confirmed + " of "
                        + number + " replicas had it within " + timeout.toMillis() + " ms; see INFO replication");
            }
        }

        /** How many replicas have it. Shared: not to be cancelled. */
        private CompletableFuture<Long> confirmed() {
            lock.lock();
            try {
                if (underWay != null) {
                    if (next == null) {
                        next = new CompletableFuture<>();
                    }
                    return next;
                }
                CompletableFuture<Long> asked = new CompletableFuture<>();
                ask(asked);
                return asked;
            } finally {
                lock.unlock();
            }
        }

        /** With the lock. */
        private void ask(CompletableFuture<Long> asked) {
            underWay = asked;
            CompletionStage<Long> reply;
            try {
                reply = connection.async().waitForReplication(number, Math.max(1, timeout.toMillis()));
            } catch (RuntimeException e) {
                reply = CompletableFuture.failedStage(e);
            }
            reply.whenComplete((replicas, fault) -> answered(asked, replicas, fault));
        }

        private void answered(CompletableFuture<Long> asked, @Nullable Long replicas, @Nullable Throwable fault) {
            lock.lock();
            try {
                underWay = null;
                if (next != null) {
                    CompletableFuture<Long> following = next;
                    next = null;
                    ask(following);
                }
            } finally {
                lock.unlock();
            }
            if (fault == null) {
                asked.complete(replicas);
            } else {
                asked.completeExceptionally(fault);
            }
        }

        @Override
        public void onRedisDisconnected(RedisChannelHandler<?, ?> broken) {
            over = true;
            sessions.remove(connection, this);
            connection.removeListener(this);
        }
    }
}
