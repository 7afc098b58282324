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

/** Sends scripts and waits for replies, no longer than the time-out. Immutable. */
final class Calls {

    private final Servers servers;
    private final Duration timeout;

    Calls(Servers servers, Duration timeout) {
        this.servers = servers;
        this.timeout = timeout;
    }

    Servers servers() {
        return servers;
    }

    /** Carries out a script wherever the key is. */
    List<Object> run(Script script, byte[] key, String what, byte[]... arguments) {
        return run(servers.commands(), script, key, new Wait(servers.name(key), what, timeout), arguments);
    }

    /** Carries out a script on one connection. */
    List<Object> run(
            StatefulRedisConnection<byte[], byte[]> connection,
            Script script,
            byte[] key,
            String what,
            byte[]... arguments) {
        return run(connection.async(), script, key, new Wait(servers.name(key), what, timeout), arguments);
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
        return new Wait(server, what, timeout).until(call);
    }

    /** Waits longer than the time-out. */
    <T> T await(String server, String what, Duration longer, CompletableFuture<T> shared) {
        // What others wait for too is not cancelled.
        return new Wait(server, what, timeout.plus(longer)).until(shared::copy);
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
