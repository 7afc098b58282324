package dev.crosscut.idempotency.jdbc;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The tables of the store, as its statements find them: what a query says of its columns, and what the database does with a
 * record that is written and rolled back. Beside the records is a table of one row, which says the version of the schema and
 * the version that a release has to know to work with it. A change that adds leaves the latter as it is, so that releases of
 * both kinds run side by side; no other change is made within a major release.
 */
final class Tables {

    private static final System.Logger LOG = System.getLogger("dev.crosscut.idempotency");

    static final int VERSION = 1;
    static final String TABLE = "crosscut_idempotency";

    private static final String FILE = "V1__crosscut_idempotency.sql";
    private static final int ATTEMPTS = 10;
    private static final int MEBIBYTE = 1 << 20;

    private final Connection connection;
    private final Sql sql;
    private final List<String> problems = new ArrayList<>();

    private Tables(Connection connection, Sql sql) {
        this.connection = connection;
        this.sql = sql;
    }

    /** Where the file is that makes the tables. */
    static String file(Dialect dialect) {
        return "dev/crosscut/idempotency/jdbc/" + dialect.folder() + "/" + FILE;
    }

    /** What is wrong with the tables. The connection is in auto-commit mode, and is so afterwards. */
    static List<String> problems(Connection connection, Sql sql) throws SQLException {
        Tables tables = new Tables(connection, sql);
        if (tables.version()) {
            tables.columns();
            if (tables.problems.isEmpty()) {
                tables.behaviour();
            }
        }
        return tables.problems;
    }

    /** What is wrong with a clock that somebody has named. One that counts seconds, say, would let each lease be over at once. */
    static List<String> clockProblems(Connection connection, Sql sql, String clock) {
        // Every database has SELECT ... FROM, and this table has one row.
        String query = "SELECT " + clock + " FROM " + sql.table() + "_schema";
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            long now = rows.next() ? rows.getLong(1) : System.currentTimeMillis();
            return Math.abs(now - System.currentTimeMillis()) < TimeUnit.DAYS.toMillis(366)
                    ? List.of()
                    : List.of("the clock " + clock + " says " + now + "; expected milliseconds since 1970 in UTC");
        } catch (SQLException e) {
            return List.of(
                    "the clock " + clock + " cannot be read: " + said(e) + "; expected an expression that has the"
                            + " milliseconds since 1970 in UTC, and the tables as docs/idempotency-jdbc.md has them");
        }
    }

    /** Says so where an H2 database in a file has commits later in the file than it says. What is kept and what is in effect differ. */
    static void warnOfDelay(Connection connection) {
        String query = "SELECT MAX(CAST(SETTING_VALUE AS INTEGER)) FROM INFORMATION_SCHEMA.SETTINGS"
                + " WHERE SETTING_NAME = 'WRITE_DELAY' AND DATABASE_PATH() IS NOT NULL";
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            int millis = rows.next() ? rows.getInt(1) : 0;
            if (millis != 0) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "H2 writes to its file up to " + millis
                                + " ms after a commit (WRITE_DELAY): a crash loses the records of"
                                + " that time, and their work is done again; expected 0, by ;WRITE_DELAY=0 in the URL of each"
                                + " connection, since H2 forgets it when the database is closed");
            }
        } catch (SQLException e) {
            LOG.log(System.Logger.Level.DEBUG, "H2 does not say when it writes to its file", e);
        }
    }

    /** Makes what is missing. Several processes may do so at once, and some of their statements fail. */
    static void create(Connection connection, Sql sql) throws SQLException {
        if (sql.dialect() == Dialect.PORTABLE) {
            return;
        }
        for (int attempt = 1; ; attempt++) {
            try (Statement statement = connection.createStatement()) {
                for (String each : ddl(sql)) {
                    statement.execute(each);
                }
                return;
            } catch (SQLException e) {
                if (attempt == ATTEMPTS) {
                    throw e;
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(
                        ThreadLocalRandom.current().nextInt(1, 20 * attempt)));
            }
        }
    }

    private static List<String> ddl(Sql sql) {
        String file = sql.dialect().folder() + "/" + FILE;
        String text;
        try (InputStream in = Objects.requireNonNull(Tables.class.getResourceAsStream(file), file)) {
            text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        // An index is in the schema of its table.
        String bare = sql.table().substring(sql.table().indexOf('.') + 1);
        String index = sql.dialect() == Dialect.H2 ? sql.table() : bare;
        String named = text.replaceAll("(?m)^--.*$", "")
                .replace(TABLE + "_expires_at", "\0_expires_at")
                .replace(TABLE, sql.table())
                .replace("\0", index);
        List<String> statements = new ArrayList<>();
        for (String each : named.split(";", -1)) {
            if (!each.isBlank()) {
                statements.add(each.strip());
            }
        }
        return statements;
    }

    /** Whether it is worth while to look any further. */
    private boolean version() {
        String table = sql.table() + "_schema";
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT version, readable_by FROM " + table)) {
            if (!rows.next()) {
                problems.add("the table " + table + " is empty; expected one row with version " + VERSION);
                return false;
            }
            int version = rows.getInt(1);
            int readableBy = rows.getInt(2);
            if (version < VERSION || readableBy > VERSION) {
                problems.add(
                        "the schema is of version " + version + " and needs a release that knows version " + readableBy
                                + " or newer; this one knows " + VERSION + ". "
                                + (version < VERSION ? "Run the newer migrations" : "Use a newer release"));
                return false;
            }
            return true;
        } catch (SQLException e) {
            problems.add("the table " + table + " cannot be read: " + said(e) + missing());
            return false;
        }
    }

    private String missing() {
        return sql.dialect() == Dialect.PORTABLE
                ? ". Make the tables as docs/idempotency-jdbc.md has them"
                : ". If the tables are not there, run " + file(sql.dialect())
                        + " from the jar of crosscut-idempotency-jdbc, or set crosscut.idempotency.jdbc.schema=create";
    }

    private void columns() {
        try (Statement statement = connection.createStatement();
                ResultSet rows =
                        statement.executeQuery("SELECT k, state, owner, epoch, fp, lease_until, expires_at, data FROM "
                                + sql.table() + " WHERE 1 = 0")) {
            ResultSetMetaData columns = rows.getMetaData();
            digest(columns, 1);
            number(columns, 2);
            large(columns, 3);
            number(columns, 4);
            digest(columns, 5);
            large(columns, 6);
            large(columns, 7);
            data(columns, 8);
        } catch (SQLException e) {
            problems.add("the table " + sql.table() + " cannot be read: " + said(e) + missing());
        }
    }

    /** Text is out of the question: it is compared by a collation, and a key is not. */
    private void digest(ResultSetMetaData columns, int column) throws SQLException {
        int precision = columns.getPrecision(column);
        boolean fits = switch (columns.getColumnType(column)) {
            // What is fixed is padded. PostgreSQL has this one type, of any length.
            case Types.BINARY -> precision == 32 || sql.dialect() == Dialect.POSTGRESQL;
            case Types.VARBINARY, Types.LONGVARBINARY -> precision <= 0 || precision >= 32;
            default -> false;
        };
        expect(fits, columns, column, "32 bytes, such as BINARY(32), and neither text nor of another length");
    }

    private void number(ResultSetMetaData columns, int column) throws SQLException {
        expect(isNumber(columns, column, Types.SMALLINT), columns, column, "SMALLINT, INTEGER or BIGINT, signed");
    }

    private void large(ResultSetMetaData columns, int column) throws SQLException {
        expect(isNumber(columns, column, Types.BIGINT), columns, column, "BIGINT, signed");
    }

    private boolean isNumber(ResultSetMetaData columns, int column, int smallest) throws SQLException {
        boolean fits = switch (columns.getColumnType(column)) {
            case Types.SMALLINT, Types.INTEGER -> smallest == Types.SMALLINT;
            case Types.BIGINT -> true;
            case Types.NUMERIC, Types.DECIMAL -> sql.dialect() == Dialect.PORTABLE;
            default -> false;
        };
        return fits && columns.isSigned(column);
    }

    private void data(ResultSetMetaData columns, int column) throws SQLException {
        int precision = columns.getPrecision(column);
        boolean fits = switch (columns.getColumnType(column)) {
            case Types.BINARY -> sql.dialect() == Dialect.POSTGRESQL;
            case Types.VARBINARY, Types.LONGVARBINARY, Types.BLOB -> precision <= 0 || precision >= MEBIBYTE;
            default -> false;
        };
        expect(fits, columns, column, "bytes, a mebibyte or more");
    }

    private void expect(boolean fits, ResultSetMetaData columns, int column, String expected) throws SQLException {
        if (!fits) {
            problems.add("the column " + columns.getColumnName(column).toLowerCase(Locale.ROOT) + " of " + sql.table()
                    + " is " + columns.getColumnTypeName(column) + "(" + columns.getPrecision(column) + "); expected "
                    + expected);
        }
    }

    /** Without a unique key two claims are granted, and without transactions a claim outlives the work that is rolled back. */
    private void behaviour() throws SQLException {
        byte[] k = new byte[32];
        ThreadLocalRandom.current().nextBytes(k);
        connection.setAutoCommit(false);
        try {
            if (write(k)) {
                unique(k);
            }
        } finally {
            Connections.quietly(connection::rollback);
            Connections.quietly(() -> connection.setAutoCommit(true));
        }
        Session session = new Session(connection, 0, false);
        if (session.query(row -> row.getInt(1), sql.select(), k) != null) {
            session.update("DELETE FROM " + sql.table() + " WHERE k = ?", k);
            problems.add("the table " + sql.table()
                    + " keeps what was rolled back; expected one with transactions, such as ENGINE = InnoDB");
        }
    }

    private boolean write(byte[] k) {
        try {
            probe(k);
            return true;
        } catch (SQLException e) {
            problems.add("no record can be written to the table " + sql.table() + ": " + said(e)
                    + ". Other columns must be nullable or have defaults");
            return false;
        }
    }

    private void unique(byte[] k) throws SQLException {
        try {
            probe(k);
            problems.add("the table " + sql.table() + " takes the same k twice; expected it as the primary key");
        } catch (SQLException e) {
            if (!Dialect.isDuplicate(e)) {
                throw e;
            }
        }
    }

    private void probe(byte[] k) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO " + sql.table()
                + " (k, state, owner, epoch, fp, lease_until, expires_at, data) VALUES (?, 3, 0, 1, ?, 0, 0, NULL)")) {
            insert.setBytes(1, k);
            insert.setBytes(2, k);
            insert.executeUpdate();
        }
    }

    static String said(SQLException e) {
        @Nullable String message = e.getMessage();
        return "[" + Dialect.state(e) + "] " + message;
    }
}
