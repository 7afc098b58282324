package dev.crosscut.idempotency.redis;

import dev.crosscut.idempotency.RecordInfo.State;
import dev.crosscut.idempotency.RecordKey;
import io.lettuce.core.KeyScanCursor;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScanCursor;
import io.lettuce.core.api.StatefulRedisConnection;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Counts the records by state: steps through the keys of each master, and reads the headers of a step in one go. */
final class Count {

    private static final int STEP = 500;
    private static final int HASH = 64;

    private final Calls calls;
    private final byte[] prefix;

    Count(Calls calls, byte[] prefix) {
        this.calls = calls;
        this.prefix = prefix;
    }

    /** The name of a record's key. */
    static byte[] name(byte[] prefix, RecordKey key) {
        byte[] name = Arrays.copyOf(prefix, prefix.length + HASH);
        byte[] hash = key.toString().getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(hash, 0, name, prefix.length, HASH);
        return name;
    }

    Map<State, Long> run() {
        Map<State, Long> counts = new EnumMap<>(State.class);
        for (State state : State.values()) {
            counts.put(state, 0L);
        }
        calls.servers().masters().forEach((server, connecting) -> {
            StatefulRedisConnection<byte[], byte[]> connection = calls.await(server, "be reached", () -> connecting);
            ScanArgs step = ScanArgs.Builder.limit(STEP).match(pattern());
            ScanCursor from = ScanCursor.INITIAL;
            do {
                ScanCursor at = from;
                KeyScanCursor<byte[]> scanned = calls.await(
                        server, "list its keys", () -> connection.async().scan(at, step));
                count(server, connection, scanned.getKeys(), counts);
                from = scanned;
            } while (!from.isFinished());
        });
        return counts;
    }

    private void count(
            String server,
            StatefulRedisConnection<byte[], byte[]> connection,
            List<byte[]> keys,
            Map<State, Long> counts) {
        if (keys.isEmpty()) {
            return;
        }
        RedisFuture<List<byte[]>> time = connection.async().time();
        List<CompletableFuture<byte[]>> headers = new ArrayList<>();
        for (byte[] key : keys) {
            if (key.length == prefix.length + HASH) {
                // What is no string is no record.
                headers.add(connection
                        .async()
                        .getrange(key, 0, RedisRecord.HEADER - 1L)
                        .toCompletableFuture()
                        .exceptionally(fault -> new byte[0]));
            }
        }
        List<byte[]> clock = calls.await(server, "tell the time", () -> time);
        long now = Long.parseLong(text(clock.get(0))) * 1000 + Long.parseLong(text(clock.get(1))) / 1000;
        for (CompletableFuture<byte[]> header : headers) {
            RedisRecord found = RedisRecord.read(calls.await(server, "show a record", () -> header));
            if (found != null && found.expires() > now) {
                counts.merge(found.stateAt(now), 1L, Long::sum);
            }
        }
    }

    /** The prefix and 64 characters, with nothing in the prefix that means more than itself. */
    private byte[] pattern() {
        ByteArrayOutputStream pattern = new ByteArrayOutputStream();
        for (byte each : prefix) {
            if ("*?[]\\^-".indexOf((char) each) >= 0) {
                pattern.write('\\');
            }
            pattern.write(each);
        }
        pattern.writeBytes("?".repeat(HASH).getBytes(StandardCharsets.US_ASCII));
        return pattern.toByteArray();
    }

    private static String text(byte[] ascii) {
        return new String(ascii, StandardCharsets.US_ASCII);
    }
}
