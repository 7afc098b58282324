package dev.crosscut.idempotency.redis;

import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisScriptingAsyncCommands;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/** Sends scripts and waits for replies, no longer than the time-out. Safe for use by several threads. */
final class Calls {

    private final Servers servers;
    private final Duration timeout;
    private volatile boolean closed;

    Calls(Servers servers, Duration timeout) {
        this.servers = servers;
        this.timeout = timeout;
    }

    /** Whoever calls from now on is told so. Says whether nobody has closed it before. */
    boolean close() {
        boolean first = !closed;
        closed = true;
        return first;
    }

    Servers servers() {
        return servers;
    }

    /** Carries out a script wherever the key is. */
    List<Object> run(Script script, byte[] key, String what, byte[]... arguments) {
        return run(servers.commands(), script, key, wait(servers.name(key), what), arguments);
    }

    /** Carries out a script on one connection. */
    List<Object> run(
            StatefulRedisConnection<byte[], byte[]> connection,
            Script script,
            byte[] key,
            String what,
            byte[]... arguments) {
        return run(connection.async(), script, key, wait(servers.name(key), what), arguments);
    }

    private static List<Object> run(
            RedisScriptingAsyncCommands<byte[], byte[]> commands,
            Script script,
            byte[] key,
            Wait wait,
            byte[]... arguments) {
        byte[][] keys = {key};
        try {
            return wait.until(
                    () -> commands.<List<Object>>evalsha(script.sha(), ScriptOutputType.MULTI, keys, arguments));
        } catch (RedisNoScriptException e) {
            return wait.until(
                    () -> commands.<List<Object>>eval(script.text(), ScriptOutputType.MULTI, keys, arguments));
        }
    }

    /** Waits for something else than a script. */
    <T> T await(String server, String what, Supplier<? extends Future<T>> call) {
        return wait(server, what).until(call);
    }

    /** Waits for what others wait for too, so without cancelling it. */
    <T> T awaitShared(String server, String what, CompletableFuture<T> shared) {
        return await(server, what, shared::copy);
    }

    private Wait wait(String server, String what) {
        if (closed) {
            throw new IllegalStateException(
                    "the store on Redis at " + server + " could not " + what + ": it is closed");
        }
        return new Wait(server, what, timeout);
    }

    /** The time that one call has, whatever number of commands it takes. */
    private static final class Wait {

        private final String server;
        private final String what;
        private final Duration bound;
        private final long end;

        Wait(String server, String what, Duration bound) {
            this.server = server;
            this.what = what;
            this.bound = bound;
            this.end = System.nanoTime() + bound.toNanos();
        }

        <T> T until(Supplier<? extends Future<T>> call) {
            Future<T> future;
            try {
                future = call.get();
            } catch (RuntimeException e) {
                throw Faults.of(server, what, e);
            }
            try {
                return future.get(end - System.nanoTime(), TimeUnit.NANOSECONDS);
            } catch (ExecutionException e) {
                Throwable cause = e.getCause() == null ? e : e.getCause();
                if (cause instanceof RedisNoScriptException unknown) {
                    throw unknown;
                }
                throw Faults.of(server, what, cause);
            } catch (TimeoutException e) {
                future.cancel(true);
                throw Faults.late(server, what, bound.toMillis());
            } catch (InterruptedException e) {
                future.cancel(true);
                Thread.currentThread().interrupt();
                throw new IllegalStateException(
                        "the thread was interrupted while it waited for Redis at " + server + " to " + what
                                + ", which may still be carried out",
                        e);
            }
        }
    }
}
