package dev.crosscut.idempotency.redis;

import dev.crosscut.idempotency.Fingerprint;
import dev.crosscut.idempotency.RecordInfo.State;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * A record as it is the value of its key. {@link Script} writes it, this reads it. Immutable.
 *
 * <p><b>Format 1</b>: a header of 64 bytes, numbers big-endian, and the bytes of the engine, which are the progress while the
 * record is running and the outcome when it is done:
 *
 * <pre>
 *   0   3  'C' 'X' and the number of the format
 *   3   1  1 running, 2 done, 3 released
 *   4   8  the owner
 *  12   4  the epoch
 *  16   8  when the lease is over, in milliseconds of the server's clock since 1970
 *  24   8  when the retention is over, likewise; the key expires then
 *  32  32  the fingerprint
 *  64      progress or outcome
 * </pre>
 *
 * <p>A release reads the format of the release before. What is not a record, or of a later format, is never overwritten.
 *
 * @param state running, also where the lease is over; done; released
 * @param owner the owner's number
 * @param epoch how often it has been granted
 * @param lease when the lease is over
 * @param expires when the retention is over
 * @param fingerprint what it was claimed with
 * @param bytes progress or outcome
 */
record RedisRecord(
        State state, long owner, int epoch, long lease, long expires, Fingerprint fingerprint, ByteBuffer bytes) {

    static final int HEADER = 64;
    static final byte FORMAT = 1;

    private static final byte[] MAGIC = {'C', 'X'};
    private static final int FINGERPRINT = 32;

    /**
     * Reads a value, or the header of one.
     *
     * @param value what the key holds
     * @return the record, null where that is none
     */
    static @Nullable RedisRecord read(byte[] value) {
        if (value.length < HEADER || value[0] != MAGIC[0] || value[1] != MAGIC[1] || value[2] != FORMAT) {
            return null;
        }
        State state = switch (value[3]) {
            case 1 -> State.RUNNING;
            case 2 -> State.DONE;
            case 3 -> State.RELEASED;
            default -> null;
        };
        ByteBuffer bytes = ByteBuffer.wrap(value).position(4);
        long owner = bytes.getLong();
        int epoch = bytes.getInt();
        long lease = bytes.getLong();
        long expires = bytes.getLong();
        byte[] fingerprint = new byte[FINGERPRINT];
        bytes.get(fingerprint);
        if (state == null || epoch < 1) {
            return null;
        }
        return new RedisRecord(
                state,
                owner,
                epoch,
                lease,
                expires,
                Fingerprint.ofBytes(fingerprint),
                bytes.slice().asReadOnlyBuffer());
    }

    /** The state at a time, by the clock of the server. */
    State stateAt(long now) {
        return state == State.RUNNING && lease <= now ? State.ABANDONED : state;
    }

    /**
     * Says what a value is that is no record of this format. Shows no more of it than where a record has its format.
     *
     * @param length of all of it
     * @param start its first bytes
     * @return words that follow "holds"
     */
    static String describe(long length, byte[] start) {
        if (start.length > 2 && start[0] == MAGIC[0] && start[1] == MAGIC[1] && start[2] != FORMAT) {
            return "a record of format " + start[2] + ", which another release has written; expected format " + FORMAT
                    + ": let no two releases share records of which the older one cannot read those of the newer one";
        }
        return length + " bytes that are no record and begin with "
                + HexFormat.of().formatHex(start, 0, Math.min(3, start.length)) + "; expected " + HEADER
                + " or more that begin with 435801";
    }
}
