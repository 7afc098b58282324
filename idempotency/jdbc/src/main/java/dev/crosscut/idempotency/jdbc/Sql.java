package dev.crosscut.idempotency.jdbc;

import org.jspecify.annotations.Nullable;

/**
 * The statements for one table. All columns are named, so that a newer release may add some. Immutable.
 *
 * @param insert takes key, owner, fingerprint, lease and retention; with MariaDB returns the record, whosever it is
 * @param select takes the key
 * @param selectInTransaction the same, and sees what others have committed whatever the caller's transaction has seen
 * @param takeFree takes owner, fingerprint, lease, retention, and key, owner and epoch of a record that is released or whose
 *     retention is over
 * @param takeAbandoned the same of a record that is running and whose lease is over; keeps the progress
 * @param complete takes outcome, retention, and the ticket
 * @param release takes the ticket
 * @param renew takes lease, lease, lease, progress, and the ticket
 * @param ticketState takes the ticket
 * @param expire takes the key
 * @param purge takes how many; only where one statement does it
 * @param selectExpired for the keys of what is over, in the order in which it was over
 * @param deleteExpired to be followed by keys in parentheses
 */
record Sql(
        Dialect dialect,
        String table,
        String insert,
        String select,
        String selectInTransaction,
        String takeFree,
        String takeAbandoned,
        String complete,
        String release,
        String renew,
        String ticketState,
        String find,
        String expire,
        String count,
        @Nullable String purge,
        String selectExpired,
        String deleteExpired) {

    static final int RUNNING = 1;
    static final int DONE = 2;
    static final int RELEASED = 3;

    private static final String ROW = "state, owner, epoch, fp, lease_until, expires_at, data, ";
    private static final String TICKET = " WHERE k = ? AND owner = ? AND epoch = ?";
    private static final String RUNNING_TICKET = TICKET + " AND state = 1";

    /**
     * The statements.
     *
     * @param now the milliseconds since 1970 by the clock of the database
     * @param skipLocked what makes a query leave out what others have locked
     */
    static Sql of(Dialect dialect, String table, String now, String skipLocked) {
        String select = "SELECT " + ROW + now + " FROM " + table + " WHERE k = ?";
        String update = "UPDATE " + table + " SET ";
        String take = update + "state = 1, owner = ?, epoch = epoch + 1, fp = ?, lease_until = " + now
                + " + ?, expires_at = " + now + " + ?";
        return new Sql(
                dialect,
                table,
                insert(dialect, table, now),
                select,
                dialect.isMySql() ? select + " LOCK IN SHARE MODE" : select,
                take + ", data = NULL" + TICKET + " AND (state = 3 OR expires_at <= " + now + ")",
                take + RUNNING_TICKET + " AND lease_until <= " + now,
                update + "state = 2, lease_until = 0, data = ?, expires_at = " + now + " + ?" + RUNNING_TICKET,
                update + "state = 3, lease_until = 0, data = NULL" + RUNNING_TICKET,
                update + "lease_until = " + now + " + ?, expires_at = CASE WHEN expires_at < " + now + " + ? THEN "
                        + now + " + ? ELSE expires_at END, data = ?" + RUNNING_TICKET,
                "SELECT state FROM " + table + TICKET,
                select + " AND expires_at > " + now,
                update + "state = 3, lease_until = 0, data = NULL, expires_at = " + now
                        + " WHERE k = ? AND expires_at > " + now,
                "SELECT state, is_over, COUNT(*) FROM (SELECT state, CASE WHEN lease_until <= " + now
                        + " THEN 1 ELSE 0 END AS is_over FROM " + table + " WHERE expires_at > " + now
                        + ") r GROUP BY state, is_over",
                dialect == Dialect.POSTGRESQL
                        // In a WITH, which is carried out once, whatever the plan; and the time in a sub-query, since
                        // an
                        // index is of no use where what is compared may differ from row to row.
                        ? "WITH gone AS (SELECT k FROM " + table + " WHERE expires_at <= (SELECT " + now
                                + ") ORDER BY expires_at LIMIT ?" + skipLocked + ") DELETE FROM " + table
                                + " r USING gone WHERE r.k = gone.k"
                        : null,
                "SELECT k FROM " + table + " WHERE expires_at <= " + now + " ORDER BY expires_at"
                        + (dialect == Dialect.PORTABLE ? "" : " LIMIT ?") + skipLocked,
                "DELETE FROM " + table + " WHERE expires_at <= " + now + " AND k IN ");
    }

    private static String insert(Dialect dialect, String table, String now) {
        String into = "INTO " + table + " (k, state, owner, epoch, fp, lease_until, expires_at, data) VALUES"
                + " (?, 1, ?, 1, ?, " + now + " + ?, " + now + " + ?, NULL)";
        return switch (dialect) {
            case POSTGRESQL -> "INSERT " + into + " ON CONFLICT (k) DO NOTHING";
            case MARIADB -> "INSERT " + into + " ON DUPLICATE KEY UPDATE k = k RETURNING " + ROW + now;
            case MYSQL -> "INSERT IGNORE " + into;
            case H2, PORTABLE -> "INSERT " + into;
        };
    }
}
