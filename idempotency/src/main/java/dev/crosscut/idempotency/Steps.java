package dev.crosscut.idempotency;

import dev.crosscut.idempotency.OutcomeFormat.Content;
import dev.crosscut.idempotency.OutcomeFormat.Kind;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The recovery points of a run: what each of its steps returned. Guarded by the lock of the run. */
final class Steps {

    private final Map<String, byte[]> done = new LinkedHashMap<>();
    private final Set<String> entered = new HashSet<>();

    /**
     * Those that an earlier owner has left.
     *
     * @throws IllegalArgumentException if they cannot be read
     */
    static Steps read(OutcomeFormat format, RecordKey key, ByteBuffer progress) {
        Steps steps = new Steps();
        if (progress.hasRemaining()) {
            Content content = format.read(key, progress);
            if (content.kind != Kind.PROGRESS) {
                throw new IllegalArgumentException("they are a " + content.kind + "; expected " + Kind.PROGRESS);
            }
            ByteBuffer in = ByteBuffer.wrap(content.bytes);
            while (in.hasRemaining()) {
                String name = new String(part(in), StandardCharsets.UTF_8);
                steps.done.put(name, part(in));
            }
        }
        return steps;
    }

    private static byte[] part(ByteBuffer in) {
        int length = in.remaining() < Integer.BYTES ? -1 : in.getInt();
        if (length < 0 || length > in.remaining()) {
            throw new IllegalArgumentException("a part of " + length + " bytes begins where " + in.remaining()
                    + " are left; expected names and values, each with its length before it");
        }
        byte[] part = new byte[length];
        in.get(part);
        return part;
    }

    /** Whether no other step of this run has the name. */
    boolean enter(String name) {
        return entered.add(name);
    }

    void leave(String name) {
        entered.remove(name);
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
        return format.write(key, Kind.PROGRESS, bytes.toByteArray());
    }

    private static void add(byte[] part, ByteArrayOutputStream bytes) {
        bytes.writeBytes(ByteBuffer.allocate(4).putInt(part.length).array());
        bytes.writeBytes(part);
    }
}
