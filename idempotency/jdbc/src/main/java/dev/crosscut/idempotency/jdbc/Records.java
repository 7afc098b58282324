package dev.crosscut.idempotency.jdbc;

import dev.crosscut.idempotency.Claim;
import dev.crosscut.idempotency.ClaimTerms;
import dev.crosscut.idempotency.Fingerprint;
import dev.crosscut.idempotency.RecordInfo;
import dev.crosscut.idempotency.RecordKey;
import dev.crosscut.idempotency.Ticket;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What is done with records over a connection, whosever it is. Immutable.
 *
 * <p><b>Concurrency.</b> The primary key decides who inserts a record; whoever changes one compares, in the statement that
 * changes it, owner, epoch and state with what it has read, and the lease or the retention with the clock of the database.
 * A record that was read is therefore a hint, and nothing rests on the isolation level: where a statement changes no row,
 * the record is read again and decided on anew.
 *
 * <p><b>Cost.</b> PostgreSQL is sent the insert and the query as one prepared text, which its driver pipelines: one round
 * trip. Each of the two takes its own snapshot, so the query sees the record that the insert has met. MariaDB answers the
 * insert with the record that is there. Elsewhere the query is sent where the insert was none. An insert that meets a record
 * writes nothing.
 */
final class Records {

    /** So many purges and take-overs between two looks at one record are no coincidence. */
    private static final int LOOKS = 20;

    /** How many keys are deleted by one statement; databases bound the number of parameters. */
    private static final int KEYS = 500;

    private static final Duration UNSEEN = Duration.ofSeconds(1);
    private static final long LONGEST_MILLIS = 1L << 50;

    private final Sql sql;

    Records(Sql sql) {
        this.sql = sql;
    }

    Sql sql() {
        return sql;
    }

    Claim claim(Session session, RecordKey key, Fingerprint fingerprint, ClaimTerms terms) throws SQLException {
        try {
            for (int look = 0; look < LOOKS; look++) {
                Row row = insert(session, key, fingerprint, terms);
                while (row != null && look < LOOKS) {
                    Claim claim = decide(key, row, terms);
                    if (claim != null) {
                        return claim;
                    }
                    row = take(session, key, row, fingerprint, terms);
                    look++;
                }
            }
            throw new SQLException(
                    "the record was changed by others " + LOOKS
                            + " times meanwhile, or is one that a transaction with an older snapshot cannot see",
                    "40001");
        } catch (SQLException e) {
            if (!sql.dialect().isLockTimeout(e)) {
                throw e;
            }
            // Whoever holds the record has not committed it, so neither its fingerprint nor its lease can be seen.
            return new Claim.Running(fingerprint, terms.lease().compareTo(UNSEEN) < 0 ? terms.lease() : UNSEEN);
        }
    }

    /** What a record says of a claim; null where it is to be taken. */
    private static @Nullable Claim decide(RecordKey key, Row row, ClaimTerms terms) {
        if (row.isFree()) {
            return null;
        }
        if (row.state() == Sql.DONE) {
            return new Claim.Done(row.fingerprint(), row.data(), row.retention());
        }
        Ticket ticket = row.ticket(key);
        if (row.owner() == terms.owner()) {
            return new Claim.Granted(ticket, row.data());
        }
        if (row.isLeased()) {
            return new Claim.Running(row.fingerprint(), row.lease());
        }
        return terms.abandoned().filter(ticket::equals).isPresent()
                ? null
                : new Claim.Abandoned(row.fingerprint(), ticket);
    }

    /** Makes a record, or reads the one that is there; null where it is there no more. */
    private @Nullable Row insert(Session session, RecordKey key, Fingerprint fingerprint, ClaimTerms terms)
            throws SQLException {
        byte[] k = key.bytes();
        long owner = terms.owner();
        byte[] fp = fingerprint.bytes();
        long lease = millis(terms.lease());
        long retention = millis(terms.retention());
        Row mine = Row.granted(owner, 1, Row.NOTHING);
        switch (sql.dialect()) {
            case POSTGRESQL -> {
                Changed changed = changeAndRead(session, sql.insert(), k, owner, fp, lease, retention, k);
                return changed.rows == 1 ? mine : changed.row;
            }
            case MARIADB -> {
                return row(session, owner, sql.insert(), k, owner, fp, lease, retention);
            }
            case MYSQL -> {
                return session.update(sql.insert(), k, owner, fp, lease, retention) == 1
                        ? mine
                        : read(session, terms.owner(), k);
            }
            default -> {
                try {
                    session.update(sql.insert(), k, owner, fp, lease, retention);
                    return mine;
                } catch (SQLException e) {
                    if (!Dialect.isDuplicate(e)) {
                        throw e;
                    }
                    return read(session, terms.owner(), k);
                }
            }
        }
    }

    /** Takes a record over, or reads what has become of it; null where it is there no more. */
    private @Nullable Row take(Session session, RecordKey key, Row row, Fingerprint fingerprint, ClaimTerms terms)
            throws SQLException {
        byte[] k = key.bytes();
        String take = row.isFree() ? sql.takeFree() : sql.takeAbandoned();
        @Nullable
        Object[] values = {
            terms.owner(),
            fingerprint.bytes(),
            millis(terms.lease()),
            millis(terms.retention()),
            k,
            row.owner(),
            row.epoch(),
            k
        };
        int epoch = row.epoch() + 1;
        Changed changed;
        if (sql.dialect() == Dialect.POSTGRESQL) {
            changed = changeAndRead(session, take, values);
        } else {
            int rows = session.update(take, Arrays.copyOf(values, values.length - 1));
            if (rows == 1 && row.isFree()) {
                return Row.granted(terms.owner(), epoch, Row.NOTHING);
            }
            changed = new Changed(rows, read(session, terms.owner(), k));
        }
        Row now = changed.row;
        return changed.rows == 1 && now != null && now.owner() == terms.owner() && now.epoch() == epoch
                ? Row.granted(terms.owner(), epoch, now.data())
                : now;
    }

    private record Changed(int rows, @Nullable Row row) {}

    /** Two statements in one round trip: one that may change a record, and the query for it. */
    private Changed changeAndRead(Session session, String change, @Nullable Object... values) throws SQLException {
        try (PreparedStatement statement = session.prepare(change + "; " + sql.select(), values)) {
            statement.execute();
            int rows = statement.getUpdateCount();
            statement.getMoreResults();
            try (ResultSet found = statement.getResultSet()) {
                return new Changed(rows, found.next() ? Row.of(found) : null);
            }
        }
    }

    private @Nullable Row read(Session session, long owner, byte[] k) throws SQLException {
        return row(session, owner, session.inTransaction() ? sql.selectInTransaction() : sql.select(), k);
    }

    /**
     * The record that a statement returns. But for PostgreSQL, databases tell the time at which a statement began: what it
     * then waited for may be newer, so the time that the statement took is added, except to what is the caller's own.
     */
    private static @Nullable Row row(Session session, long owner, String sql, @Nullable Object... values)
            throws SQLException {
        long began = System.nanoTime();
        Row row = session.query(Row::of, sql, values);
        if (row == null || (row.state() == Sql.RUNNING && row.owner() == owner)) {
            return row;
        }
        return row.after(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began) + 1);
    }

    boolean complete(Session session, Ticket ticket, ByteBuffer outcome, Duration retention) throws SQLException {
        return session.update(
                                sql.complete(),
                                bytes(outcome),
                                millis(retention),
                                ticket.key().bytes(),
                                ticket.owner(),
                                ticket.epoch())
                        == 1
                || isIn(session, Sql.DONE, ticket);
    }

    boolean release(Session session, Ticket ticket) throws SQLException {
        return session.update(sql.release(), ticket.key().bytes(), ticket.owner(), ticket.epoch()) == 1;
    }

    boolean renew(Session session, Ticket ticket, Duration lease, ByteBuffer progress) throws SQLException {
        long millis = millis(lease);
        return session.update(
                                sql.renew(),
                                millis,
                                millis,
                                millis,
                                bytes(progress),
                                ticket.key().bytes(),
                                ticket.owner(),
                                ticket.epoch())
                        == 1
                // A driver may have been told to count what has changed: not a renewal within the same millisecond.
                || (sql.dialect().isMySql() && isIn(session, Sql.RUNNING, ticket));
    }

    private boolean isIn(Session session, int state, Ticket ticket) throws SQLException {
        Integer found = session.query(
                row -> row.getInt(1), sql.ticketState(), ticket.key().bytes(), ticket.owner(), ticket.epoch());
        return found != null && found == state;
    }

    Optional<RecordInfo> find(Session session, RecordKey key) throws SQLException {
        return Optional.ofNullable(session.query(row -> Row.of(row).info(key), sql.find(), key.bytes()));
    }

    boolean expire(Session session, RecordKey key) throws SQLException {
        return session.update(sql.expire(), key.bytes()) == 1;
    }

    Map<RecordInfo.State, Long> count(Session session) throws SQLException {
        Map<RecordInfo.State, Long> counts = new EnumMap<>(RecordInfo.State.class);
        for (RecordInfo.State state : RecordInfo.State.values()) {
            counts.put(state, 0L);
        }
        try (PreparedStatement statement = session.prepare(sql.count());
                ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                counts.merge(Row.stateOf(rows.getInt(1), rows.getInt(2) == 1), rows.getLong(3), Long::sum);
            }
        }
        return counts;
    }

    /** Drops what is over, in one transaction. */
    int purge(Session session, int max) throws SQLException {
        String purge = sql.purge();
        if (purge != null) {
            return session.update(purge, max);
        }
        Connection connection = session.connection();
        int isolation = connection.getTransactionIsolation();
        try {
            // Where MySQL locks what it reads, it locks the gaps between as well, unless told so.
            connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
            connection.setAutoCommit(false);
            int dropped = delete(session, expired(session, max));
            connection.commit();
            return dropped;
        } catch (SQLException | RuntimeException e) {
            Connections.quietly(connection::rollback);
            throw e;
        } finally {
            Connections.quietly(() -> connection.setAutoCommit(true));
            Connections.quietly(() -> connection.setTransactionIsolation(isolation));
        }
    }

    private List<byte[]> expired(Session session, int max) throws SQLException {
        List<byte[]> keys = new ArrayList<>();
        @Nullable Object[] values = sql.dialect() == Dialect.PORTABLE ? new Object[0] : new Object[] {max};
        try (PreparedStatement statement = session.prepare(sql.selectExpired(), values)) {
            statement.setMaxRows(max);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    keys.add(rows.getBytes(1));
                }
            }
        }
        return keys;
    }

    private int delete(Session session, List<byte[]> keys) throws SQLException {
        int dropped = 0;
        for (int from = 0; from < keys.size(); from += KEYS) {
            List<byte[]> some = keys.subList(from, Math.min(from + KEYS, keys.size()));
            String marks = String.join(", ", Collections.nCopies(some.size(), "?"));
            dropped += session.update(sql.deleteExpired() + "(" + marks + ")", some.toArray());
        }
        return dropped;
    }

    private static byte @Nullable [] bytes(ByteBuffer buffer) {
        if (!buffer.hasRemaining()) {
            return null;
        }
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }

    /** What is over in 35,000 years at the earliest can be added to the time. */
    private static long millis(Duration duration) {
        return duration.toSeconds() > LONGEST_MILLIS / 1000 ? LONGEST_MILLIS : duration.toMillis();
    }
}
