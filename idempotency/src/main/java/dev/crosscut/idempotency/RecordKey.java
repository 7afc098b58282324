package dev.crosscut.idempotency;

import java.util.List;

/**
 * What a record is kept under: 32 bytes, the SHA-256 of the operation, the scope and the key of the client, so that nothing
 * that a client sends is compared by the rules of a database, is too long for it, or can be read from it. Immutable.
 */
public final class RecordKey {

    private static final String DOMAIN = "crosscut-idempotency-key-1";

    private final Digest digest;

    private RecordKey(Digest digest) {
        this.digest = digest;
    }

    /**
     * The key of a record.
     *
     * @param operation what is done
     * @param scope whose key it is
     * @param key the key
     * @return the same for the same texts, another for any other
     */
    public static RecordKey of(String operation, List<String> scope, String key) {
        Digest.Builder digest = Digest.builder(DOMAIN).add(operation).add(scope.size());
        scope.forEach(digest::add);
        return new RecordKey(digest.add(key).build());
    }

    /**
     * A key as a store has kept it.
     *
     * @param bytes what {@link #bytes()} returned
     * @return the same key
     * @throws IllegalArgumentException if there are not 32
     */
    public static RecordKey ofBytes(byte[] bytes) {
        return new RecordKey(Digest.of(bytes));
    }

    /**
     * A key as logs show it.
     *
     * @param hex what {@link #toString()} returned
     * @return the same key
     * @throws IllegalArgumentException if there are not 64 hexadecimal digits
     */
    public static RecordKey parse(String hex) {
        return new RecordKey(Digest.parse(hex));
    }

    /**
     * The key as bytes.
     *
     * @return 32, new each time
     */
    public byte[] bytes() {
        return digest.bytes();
    }

    /** Something else that follows from this key alone. */
    Digest derived(String domain, String name) {
        return Digest.builder(domain).add(bytes()).add(name).build();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof RecordKey same && digest.equals(same.digest);
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
