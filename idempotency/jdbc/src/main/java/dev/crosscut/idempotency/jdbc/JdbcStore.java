package dev.crosscut.idempotency.jdbc;

import dev.crosscut.idempotency.Claim;
import dev.crosscut.idempotency.ClaimTerms;
import dev.crosscut.idempotency.Fingerprint;
import dev.crosscut.idempotency.IdempotencyStore;
import dev.crosscut.idempotency.RecordInfo;
import dev.crosscut.idempotency.RecordKey;
import dev.crosscut.idempotency.Ticket;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Records in a table of a SQL database: PostgreSQL, MySQL, MariaDB, H2, and others whose clock the program knows how to read.
 *
 * <p>Each call takes one connection, in auto-commit mode, and gives it back as it came. A new call is two round trips, a
 * replay is one, and writes nothing; where the database cannot do both in one statement, a replay is two. Time is the time of
 * the database. Whatever goes wrong is a {@link JdbcStoreException}; deadlocks and the like, which are known to have been
 * rolled back, are tried again first.
 *
 * <p>Safe for use by many threads.
 */
public final class JdbcStore
        implements IdempotencyStore,
                IdempotencyStore.Purgeable,
                IdempotencyStore.Transactional,
                IdempotencyStore.Inspectable {

    /** What is done about the tables when the store is opened. */
    public enum Schema {
        /** They are checked, and the store is not opened if they are missing, wrong, or too new for this release. */
        VALIDATE,
        /** They are made if they are missing, and checked. Not with a database that is none of the four. */
        CREATE
    }

    private final Connections connections;
    private final Records records;
    private final @Nullable Purger purger;
    private final AutoCloseable pool;

    private JdbcStore(Connections connections, Records records, Duration purgeInterval, AutoCloseable pool) {
        this.connections = connections;
        this.records = records;
        this.pool = pool;
        this.purger = purgeInterval.isZero() ? null : new Purger(this, purgeInterval);
    }

    /**
     * The store in the default table, which is there already.
     *
     * @param dataSource a pool; not one that hands out the connection of a transaction that is under way
     * @return the store
     * @throws IllegalStateException if the database cannot be reached, or the table is missing or wrong
     */
    public static JdbcStore of(DataSource dataSource) {
        return builder(dataSource).build();
    }

    /**
     * Begins a store that is other than the default.
     *
     * @param dataSource a pool; not one that hands out the connection of a transaction that is under way
     * @return a builder
     */
    public static Builder builder(DataSource dataSource) {
        return new Builder(dataSource);
    }

    @Override
    public Claim claim(RecordKey key, Fingerprint fingerprint, ClaimTerms terms) {
        return call("the claim of record ", key, session -> records.claim(session, key, fingerprint, terms));
    }

    @Override
    public boolean complete(Ticket ticket, ByteBuffer outcome, Duration retention) {
        return call(
                "the completion of record ",
                ticket.key(),
                session -> records.complete(session, ticket, outcome, retention));
    }

    @Override
    public boolean release(Ticket ticket) {
        return call("the release of record ", ticket.key(), session -> records.release(session, ticket));
    }

    @Override
    public boolean renew(Ticket ticket, Duration lease, ByteBuffer progress) {
        return call("the renewal of record ", ticket.key(), session -> records.renew(session, ticket, lease, progress));
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalArgumentException if {@code max} is under 1
     */
    @Override
    public int purge(int max) {
        if (max < 1) {
            throw new IllegalArgumentException("the most to drop is " + max + "; expected 1 or more");
        }
        return call("a purge of ", records.sql().table(), session -> records.purge(session, max));
    }

    /**
     * {@inheritDoc}
     *
     * <p>Its {@code claim} waits for a transaction that has claimed the same key, for as long as the database lets the
     * connection wait for a lock; after that it is {@link Claim.Running}, of the fingerprint that was claimed with, since the
     * record cannot be seen. PostgreSQL then takes nothing more from the transaction than its roll-back.
     *
     * @throws UnsupportedOperationException if the database is none of the four
     */
    @Override
    public IdempotencyStore within(Connection connection) {
        if (records.sql().dialect() == Dialect.PORTABLE) {
            throw new UnsupportedOperationException(
                    "of this database it is not known what a transaction sees of others; expected PostgreSQL, MySQL,"
                            + " MariaDB or H2 for records within the caller's transaction");
        }
        try {
            if (connection.getAutoCommit()) {
                throw new IllegalArgumentException(
                        "the connection commits by itself; expected one with setAutoCommit(false), in a transaction");
            }
        } catch (SQLException e) {
            throw new JdbcStoreException("a look at the caller's connection", e);
        }
        return new TransactionStore(records, new Session(connection, 0, true));
    }

    @Override
    public Optional<RecordInfo> find(RecordKey key) {
        return call("the search for record ", key, session -> records.find(session, key));
    }

    @Override
    public boolean expire(RecordKey key) {
        return call("the expiry of record ", key, session -> records.expire(session, key));
    }

    @Override
    public Map<RecordInfo.State, Long> count() {
        return call("a count of ", records.sql().table(), records::count);
    }

    /** Ends the purge, and closes the connections where the store has opened them itself. */
    @Override
    public void close() {
        if (purger != null) {
            purger.close();
        }
        try {
            pool.close();
        } catch (Exception e) {
            throw new IllegalStateException("the pool cannot be closed", e);
        }
    }

    private <T> T call(String what, Object whose, Connections.Work<T> work) {
        try {
            return connections.call(records.sql().dialect(), work);
        } catch (SQLException e) {
            throw new JdbcStoreException(what + whose, e);
        }
    }

    /** Builds a store. Not safe for use by several threads. */
    public static final class Builder {

        static final String TABLE_RULE =
                "a name of letters, digits and underscores, or a schema, a dot and such a name";
        static final String TIMEOUT_RULE = "1s to 1h";
        static final String INTERVAL_RULE = "0s for never, or 1s or more";

        private static final Pattern NAMES =
                Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,47}([.][A-Za-z_][A-Za-z0-9_]{0,47})?");
        private static final Duration LONGEST = Duration.ofHours(1);

        private final DataSource dataSource;
        private String table = Tables.TABLE;
        private Schema schema = Schema.VALIDATE;
        private Duration purgeInterval = Duration.ofMinutes(1);
        private Duration timeout = Duration.ofSeconds(5);
        private @Nullable String clock;
        private @Nullable Dialect dialect;
        private AutoCloseable pool = () -> {};

        private Builder(DataSource dataSource) {
            this.dataSource = Objects.requireNonNull(dataSource, "dataSource");
        }

        static boolean isTable(String name) {
            return NAMES.matcher(name).matches();
        }

        static boolean isTimeout(Duration duration) {
            return duration.toSeconds() >= 1 && duration.compareTo(LONGEST) <= 0;
        }

        static boolean isInterval(Duration duration) {
            return duration.isZero() || duration.toSeconds() >= 1;
        }

        /**
         * Names the table. That of the version of the schema has {@code _schema} added.
         *
         * @param name {@code crosscut_idempotency} unless set; a schema may be named before it, with a dot
         * @return this
         */
        public Builder table(String name) {
            table = name;
            return this;
        }

        /**
         * Says what is done about the tables.
         *
         * @param handling {@link Schema#VALIDATE} unless set
         * @return this
         */
        public Builder schema(Schema handling) {
            schema = Objects.requireNonNull(handling, "handling");
            return this;
        }

        /**
         * Says how often records whose retention is over are dropped in the background.
         *
         * @param interval a minute unless set; zero for never
         * @return this
         */
        public Builder purgeInterval(Duration interval) {
            purgeInterval = interval;
            return this;
        }

        /**
         * Bounds how long a call may wait for the database, once it has a connection.
         *
         * @param longest five seconds unless set
         * @return this
         */
        public Builder timeout(Duration longest) {
            timeout = longest;
            return this;
        }

        /**
         * Says how a database that is none of the four tells the time.
         *
         * @param expression the milliseconds since 1970 in UTC, in the SQL of the database
         * @return this
         */
        public Builder clock(String expression) {
            clock = Objects.requireNonNull(expression, "expression");
            return this;
        }

        Builder dialect(Dialect forced) {
            dialect = forced;
            return this;
        }

        Builder closing(AutoCloseable opened) {
            pool = opened;
            return this;
        }

        /**
         * Opens the store, which begins with a look at the tables.
         *
         * @return the store
         * @throws IllegalArgumentException if a name or a duration is out of its bounds
         * @throws IllegalStateException if the database cannot be reached, or the tables are missing or wrong
         */
        public JdbcStore build() {
            check("the table", table, Builder::isTable, TABLE_RULE);
            check("the time-out", timeout, Builder::isTimeout, TIMEOUT_RULE);
            check("the purge interval", purgeInterval, Builder::isInterval, INTERVAL_RULE);
            Connections connections = new Connections(dataSource, timeout);
            List<String> problems = new ArrayList<>();
            Sql sql;
            try {
                sql = connections.call(Dialect.PORTABLE, session -> {
                    problems.clear();
                    Sql found = statements(session.connection());
                    if (clock != null) {
                        problems.addAll(Tables.clockProblems(session.connection(), found, clock));
                    }
                    if (schema == Schema.CREATE && problems.isEmpty()) {
                        Tables.create(session.connection(), found);
                    }
                    if (problems.isEmpty()) {
                        problems.addAll(Tables.problems(session.connection(), found));
                    }
                    if (problems.isEmpty() && found.dialect() == Dialect.H2) {
                        Tables.warnOfDelay(session.connection());
                    }
                    return found;
                });
            } catch (SQLException e) {
                throw new IllegalStateException("the store of idempotency keys cannot be opened: " + Tables.said(e), e);
            }
            if (!problems.isEmpty()) {
                throw new IllegalStateException(
                        "the store of idempotency keys cannot be opened: " + String.join("; ", problems));
            }
            JdbcStore store = new JdbcStore(connections, new Records(sql), purgeInterval, pool);
            if (store.purger != null) {
                store.purger.start();
            }
            return store;
        }

        private static <T> void check(String what, T value, Predicate<T> holds, String expected) {
            if (!holds.test(value)) {
                throw new IllegalArgumentException(what + " is '" + value + "'; expected " + expected);
            }
        }

        private Sql statements(Connection connection) throws SQLException {
            Dialect found = dialect == null ? Dialect.of(connection) : dialect;
            String now = clock == null ? found.now : "(" + clock + ")";
            if (now.isEmpty()) {
                throw new SQLException(connection.getMetaData().getDatabaseProductName()
                        + " is not known; expected the setting crosscut.idempotency.jdbc.clock to say how it tells the"
                        + " milliseconds since 1970");
            }
            return Sql.of(found, table, now, found.skipLocked(connection.getMetaData()));
        }
    }
}
