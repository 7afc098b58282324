package dev.crosscut.idempotency.jdbc;

import dev.crosscut.idempotency.Fingerprint;
import dev.crosscut.idempotency.RecordInfo;
import dev.crosscut.idempotency.RecordKey;
import dev.crosscut.idempotency.Ticket;
import java.nio.ByteBuffer;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A record as it was read, and the time by the clock of the database when it was.
 *
 * @param data the outcome or the progress, empty where there is none
 */
record Row(
        int state,
        long owner,
        int epoch,
        Fingerprint fingerprint,
        long leaseUntil,
        long expiresAt,
        ByteBuffer data,
        long now) {

    static final ByteBuffer NOTHING = ByteBuffer.allocate(0).asReadOnlyBuffer();

    static Row of(ResultSet row) throws SQLException {
        int state = row.getInt(1);
        if (state < Sql.RUNNING || state > Sql.RELEASED) {
            throw new SQLException("a record is in state " + state
                    + "; expected 1, 2 or 3: a newer release has written it, which its schema should have told");
        }
        byte @Nullable [] data = row.getBytes(7);
        return new Row(
                state,
                row.getLong(2),
                row.getInt(3),
                Fingerprint.ofBytes(row.getBytes(4)),
                row.getLong(5),
                row.getLong(6),
                data == null ? NOTHING : ByteBuffer.wrap(data),
                row.getLong(8));
    }

    /** The same, that much later. */
    Row after(long millis) {
        return new Row(state, owner, epoch, fingerprint, leaseUntil, expiresAt, data, now + millis);
    }

    /** A record that the caller owns, for as long as this call takes. */
    static Row granted(long owner, int epoch, ByteBuffer progress) {
        return new Row(Sql.RUNNING, owner, epoch, Fingerprint.NONE, Long.MAX_VALUE, Long.MAX_VALUE, progress, 0);
    }

    /** The next claim is granted, whosever it is. */
    boolean isFree() {
        return state == Sql.RELEASED || expiresAt <= now;
    }

    boolean isLeased() {
        return state == Sql.RUNNING && leaseUntil > now;
    }

    Ticket ticket(RecordKey key) {
        return new Ticket(key, owner, epoch);
    }

    Duration lease() {
        return isLeased() ? Duration.ofMillis(leaseUntil - now) : Duration.ZERO;
    }

    Duration retention() {
        return Duration.ofMillis(expiresAt - now);
    }

    RecordInfo info(RecordKey key) {
        return new RecordInfo(
                key, stateOf(state, leaseUntil <= now), epoch, fingerprint(), lease(), retention(), data.remaining());
    }

    static RecordInfo.State stateOf(int state, boolean leaseOver) {
        return switch (state) {
            case Sql.DONE -> RecordInfo.State.DONE;
            case Sql.RELEASED -> RecordInfo.State.RELEASED;
            default -> leaseOver ? RecordInfo.State.ABANDONED : RecordInfo.State.RUNNING;
        };
    }
}
