package dev.crosscut.idempotency.jdbc;

import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.SQLException;
import java.sql.SQLIntegrityConstraintViolationException;
import java.util.Locale;

/** What databases do in their own way. */
enum Dialect {
    POSTGRESQL("(extract(epoch FROM clock_timestamp()) * 1000)::bigint"),
    /** 10.5 and newer; what is older has no RETURNING, and is as MySQL is. */
    MARIADB(Dialect.UTC),
    MYSQL(Dialect.UTC),
    H2("DATEDIFF(MILLISECOND, TIMESTAMP WITH TIME ZONE '1970-01-01 00:00:00+00:00', CURRENT_TIMESTAMP)"),
    /** Any other: it has unique keys, says so with an SQLSTATE of class 23, and the user knows how it tells the time. */
    PORTABLE("");

    /** UNIX_TIMESTAMP would read local time, which an hour of each year has twice, and SYSDATE cannot be replicated. */
    private static final String UTC = "(TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(3)) DIV 1000)";

    /** The milliseconds since 1970 by the clock of the database, as an expression. */
    final String now;

    Dialect(String now) {
        this.now = now;
    }

    /** The one that fits what the driver says it is connected to. */
    static Dialect of(Connection connection) throws SQLException {
        DatabaseMetaData database = connection.getMetaData();
        String product = database.getDatabaseProductName().toLowerCase(Locale.ROOT);
        // The drivers of MySQL and MariaDB connect to the servers of each other.
        String version = database.getDatabaseProductVersion().toLowerCase(Locale.ROOT);
        return switch (product) {
            case "postgresql" -> POSTGRESQL;
            case "h2" -> H2;
            case "mariadb", "mysql" ->
                (product + version).contains("mariadb") && isAtLeast(version, 10, 5) ? MARIADB : MYSQL;
            default -> PORTABLE;
        };
    }

    /** Reads {@code 11.4.5-MariaDB}, and {@code 5.5.5-10.11.6-MariaDB}, which is 10.11.6. */
    private static boolean isAtLeast(String version, int major, int minor) {
        String[] numbers = version.replaceFirst("^5[.]5[.]5-", "").split("[^0-9]+", -1);
        int first = Integer.parseInt(numbers[0]);
        return first > major || (first == major && Integer.parseInt(numbers[1]) >= minor);
    }

    /** The folder of the migration files. */
    String folder() {
        return name().toLowerCase(Locale.ROOT);
    }

    boolean isMySql() {
        return this == MYSQL || this == MARIADB;
    }

    /** A statement can be given a time to take, without another connection to cancel it through. */
    boolean limitsStatements() {
        return this == H2 || this == MARIADB;
    }

    /** The end of a query that locks what it finds and leaves out what others have locked; empty where there is none. */
    String skipLocked(DatabaseMetaData database) throws SQLException {
        String version = database.getDatabaseProductVersion().toLowerCase(Locale.ROOT);
        boolean has = switch (this) {
            case POSTGRESQL, H2 -> true;
            case MARIADB, MYSQL -> version.contains("mariadb") ? isAtLeast(version, 10, 6) : isAtLeast(version, 8, 0);
            case PORTABLE -> false;
        };
        return has ? " FOR UPDATE SKIP LOCKED" : "";
    }

    /** A key is there already. */
    static boolean isDuplicate(SQLException e) {
        return e instanceof SQLIntegrityConstraintViolationException || state(e).startsWith("23");
    }

    /** The transaction was rolled back for the sake of another, and may be done again. */
    boolean isTransient(SQLException e) {
        return switch (state(e)) {
            case "40001", "40P01" -> true;
            case "90131" -> this == H2;
            default -> isMySql() && e.getErrorCode() == 1213;
        };
    }

    /** Another transaction has held a record for longer than this one may wait. */
    boolean isLockTimeout(SQLException e) {
        return switch (this) {
            case POSTGRESQL -> state(e).equals("55P03");
            case MARIADB, MYSQL -> e.getErrorCode() == 1205;
            case H2 -> e.getErrorCode() == 50200;
            case PORTABLE -> false;
        };
    }

    /** The connection is for reading alone, so nothing was done. */
    static boolean isReadOnly(SQLException e) {
        return state(e).equals("25006");
    }

    static String state(SQLException e) {
        String state = e.getSQLState();
        return state == null ? "" : state;
    }
}
