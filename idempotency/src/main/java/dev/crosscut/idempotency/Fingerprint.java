package dev.crosscut.idempotency;

/**
 * What of a request must be the same for each use of a key, as the 32 bytes of its SHA-256. Immutable.
 */
public final class Fingerprint {

    private static final String DOMAIN = "crosscut-idempotency-fingerprint-1";

    /** That of work which is the same whatever it is asked. */
    public static final Fingerprint NONE =
            new Fingerprint(Digest.builder(DOMAIN).build());

    private final Digest digest;

    Fingerprint(Digest digest) {
        this.digest = digest;
    }

    /** Takes what is to be the same. */
    static Digest.Builder builder() {
        return Digest.builder(DOMAIN);
    }

    /**
     * The fingerprint of what a request says.
     *
     * @param content the request, or those parts of it that count
     * @return the same for the same bytes
     */
    public static Fingerprint of(byte[] content) {
        return new Fingerprint(builder().add(content).build());
    }

    /**
     * A fingerprint as a store has kept it.
     *
     * @param bytes what {@link #bytes()} returned
     * @return the same fingerprint
     * @throws IllegalArgumentException if there are not 32
     */
    public static Fingerprint ofBytes(byte[] bytes) {
        return new Fingerprint(Digest.of(bytes));
    }

    /**
     * The fingerprint as bytes.
     *
     * @return 32, new each time
     */
    public byte[] bytes() {
        return digest.bytes();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Fingerprint same && digest.equals(same.digest);
    }

    @Override
    public int hashCode() {
        return digest.hashCode();
    }

    /** 64 lower-case hexadecimal digits. */
    @Override
    public String toString() {
        return digest.toString();
    }
}
