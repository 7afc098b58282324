package dev.crosscut.idempotency;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The recovery points of a run: what each of its steps returned. Guarded by the lock of the run. */
final class Steps {

    private final Map<String, byte[]> done = new LinkedHashMap<>();

    /** Those that an earlier owner has left. */
    static Steps read(OutcomeFormat format, RecordKey key, ByteBuffer progress) {
        Steps steps = new Steps();
        if (progress.hasRemaining()) {
            ByteBuffer in = ByteBuffer.wrap(format.read(key, progress).bytes);
            while (in.hasRemaining()) {
                String name = new String(part(in), StandardCharsets.UTF_8);
                steps.done.put(name, part(in));
            }
        }
        return steps;
    }

    private static byte[] part(ByteBuffer in) {
        byte[] part = new byte[in.getInt()];
        in.get(part);
        return part;
    }

    Optional<byte[]> find(String name) {
        return Optional.ofNullable(done.get(name));
    }

    void add(String name, byte[] value) {
        done.put(name, value);
    }

    ByteBuffer write(OutcomeFormat format, RecordKey key) {
        if (done.isEmpty()) {
            return ByteBuffer.allocate(0);
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        done.forEach((name, value) -> {
            add(name.getBytes(StandardCharsets.UTF_8), bytes);
            add(value, bytes);
        });
        return format.write(key, OutcomeFormat.Kind.PROGRESS, bytes.toByteArray());
    }

    private static void add(byte[] part, ByteArrayOutputStream bytes) {
        bytes.writeBytes(ByteBuffer.allocate(4).putInt(part.length).array());
        bytes.writeBytes(part);
    }
}
