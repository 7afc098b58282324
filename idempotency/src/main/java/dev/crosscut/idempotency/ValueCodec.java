package dev.crosscut.idempotency;

import java.lang.reflect.Type;
import org.jspecify.annotations.Nullable;

/** Writes what work returned, and reads it to replay it. JSON unless another is given. Called from many threads at once. */
public interface ValueCodec {

    /**
     * Writes a value.
     *
     * @param value what the work returned
     * @param type the type that it was asked for as
     * @return the bytes
     * @throws RuntimeException if it cannot be written; the work then counts as done, and cannot be replayed
     */
    byte[] write(@Nullable Object value, Type type);

    /**
     * Reads a value.
     *
     * @param bytes what {@link #write} returned, maybe in an earlier release of the service
     * @param type the type that it is asked for as
     * @return the value
     * @throws RuntimeException if it cannot be read
     */
    @Nullable
    Object read(byte[] bytes, Type type);
}
