package dev.crosscut.core;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;

/**
 * The beginning of a body and how long it is, noted as it passes; nothing is held back for it. An adapter adds what the
 * handler reads or writes, {@linkplain Observer.OfBodies observers} look at it in the end. Safe for use by several threads.
 */
public final class BodyCopy {

    private final int limit;
    private final ByteArrayOutputStream kept = new ByteArrayOutputStream(0);
    private long size;

    BodyCopy(int limit) {
        this.limit = limit;
    }

    int limit() {
        return limit;
    }

    /**
     * Notes a part of the body. What is beyond the bound is counted only.
     *
     * @param bytes where the part is; copied
     * @param offset where it begins
     * @param length its length in bytes
     */
    public void add(byte[] bytes, int offset, int length) {
        synchronized (kept) {
            kept.write(bytes, offset, Math.min(length, limit - kept.size()));
            size += length;
        }
    }

    /**
     * As {@link #add(byte[], int, int)}.
     *
     * @param part copied, and left as it is
     */
    public void add(ByteBuffer part) {
        synchronized (kept) {
            byte[] bytes = new byte[Math.min(part.remaining(), limit - kept.size())];
            part.duplicate().get(bytes);
            kept.write(bytes, 0, bytes.length);
            size += part.remaining();
        }
    }

    /** What has passed is not sent after all, and the body begins anew. */
    public void clear() {
        synchronized (kept) {
            kept.reset();
            size = 0;
        }
    }

    /**
     * The beginning of the body.
     *
     * @return a new buffer with at most as many bytes as were asked for
     */
    public ByteBuffer bytes() {
        return ByteBuffer.wrap(kept.toByteArray());
    }

    /**
     * How long the body is, as far as it has passed.
     *
     * @return its length in bytes
     */
    public long size() {
        synchronized (kept) {
            return size;
        }
    }
}
