package dev.crosscut.idempotency;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** A SHA-256. Immutable. */
final class Digest {

    private static final int LENGTH = 32;

    private final long a;
    private final long b;
    private final long c;
    private final long d;

    private Digest(ByteBuffer bytes) {
        a = bytes.getLong();
        b = bytes.getLong();
        c = bytes.getLong();
        d = bytes.getLong();
    }

    static Digest of(byte[] bytes) {
        if (bytes.length != LENGTH) {
            throw new IllegalArgumentException("there are " + bytes.length + " bytes; expected " + LENGTH);
        }
        return new Digest(ByteBuffer.wrap(bytes));
    }

    static Digest parse(String hex) {
        if (hex.length() != 2 * LENGTH || !hex.chars().allMatch(HexFormat::isHexDigit)) {
            throw new IllegalArgumentException("'" + hex + "' is no hashed key; expected 64 hexadecimal digits");
        }
        return of(HexFormat.of().parseHex(hex));
    }

    /** Starts a digest that is equal to none of another domain. */
    static Builder builder(String domain) {
        return new Builder().add(domain);
    }

    byte[] bytes() {
        return ByteBuffer.allocate(LENGTH)
                .putLong(a)
                .putLong(b)
                .putLong(c)
                .putLong(d)
                .array();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Digest same && a == same.a && b == same.b && c == same.c && d == same.d;
    }

    @Override
    public int hashCode() {
        return (int) a;
    }

    @Override
    public String toString() {
        return HexFormat.of().formatHex(bytes());
    }

    /** Each part goes in with its length before it, so that no two lists of parts make the same digest. For one thread. */
    static final class Builder {

        private final MessageDigest digest;

        private Builder() {
            try {
                digest = MessageDigest.getInstance("SHA-256");
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("each Java platform has SHA-256", e);
            }
        }

        /** As UTF-16, since in UTF-8 halves of characters would be equal to each other. */
        Builder add(String text) {
            ByteBuffer bytes = ByteBuffer.allocate(2 * text.length());
            bytes.asCharBuffer().put(text);
            return add(bytes);
        }

        Builder add(byte[] bytes) {
            return add(ByteBuffer.wrap(bytes));
        }

        Builder add(ByteBuffer bytes) {
            add(bytes.remaining());
            digest.update(bytes);
            return this;
        }

        Builder add(int number) {
            digest.update((byte) (number >>> 24));
            digest.update((byte) (number >>> 16));
            digest.update((byte) (number >>> 8));
            digest.update((byte) number);
            return this;
        }

        Digest build() {
            return Digest.of(digest.digest());
        }
    }
}
