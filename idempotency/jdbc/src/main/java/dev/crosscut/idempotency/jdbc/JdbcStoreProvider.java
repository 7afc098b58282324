package dev.crosscut.idempotency.jdbc;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.util.Credentials;
import dev.crosscut.core.Secret;
import dev.crosscut.core.Setting;
import dev.crosscut.core.Settings;
import dev.crosscut.idempotency.IdempotencyStore;
import dev.crosscut.idempotency.StoreProvider;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** The store named {@code jdbc}, with a pool of its own. Found by {@link java.util.ServiceLoader}. */
public final class JdbcStoreProvider implements StoreProvider {

    private static final String PREFIX = "crosscut.idempotency.jdbc.";

    /** What drivers read a password from in a URL, which is no secret and is printed at start. */
    private static final Pattern PASSWORD = Pattern.compile("(?i)[?&;,(]\\s*(password|pwd)\\s*=|//[^/@?;]*:[^/@?;]*@");

    /**
     * H2 says that something is committed half a second before it is in the file, unless it is told not to; whoever opens the
     * database has to tell it, whatever was told before. Only an administrator can.
     */
    private static final String H2_WRITES_AT_ONCE =
            "EXECUTE IMMEDIATE CASE WHEN (SELECT IS_ADMIN FROM INFORMATION_SCHEMA.USERS WHERE USER_NAME = CURRENT_USER)"
                    + " THEN 'SET WRITE_DELAY 0' ELSE 'SET LOCK_TIMEOUT 1000' END";

    static final Setting<Optional<String>> URL = Setting.text(
                    PREFIX + "url",
                    "The JDBC URL of the database, without a password. Required where `crosscut.idempotency.store` is"
                            + " `jdbc`.")
            .check(
                    "a JDBC URL such as jdbc:postgresql://host/database, without a password, which is for " + PREFIX
                            + "password",
                    url -> url.startsWith("jdbc:") && !PASSWORD.matcher(url).find())
            .optional();

    static final Setting<Optional<String>> USER =
            Setting.text(PREFIX + "user", "The user of the database.").optional();

    static final Setting<Optional<Secret>> PASSWORD_OF_USER = Setting.secret(
                    PREFIX + "password",
                    "The user's password. From a file it is read again for each new connection, so that it can change.")
            .optional();

    static final Setting<JdbcStore.Schema> SCHEMA = Setting.choice(
                    PREFIX + "schema",
                    "`validate` checks the tables at start; `create` makes them first where they are missing.",
                    JdbcStore.Schema.class)
            .or(JdbcStore.Schema.VALIDATE);

    static final Setting<String> TABLE = Setting.text(
                    PREFIX + "table",
                    "The table of the records. That of the version of the schema has `_schema` added.")
            .check(JdbcStore.Builder.TABLE_RULE, JdbcStore.Builder::isTable)
            .or(Tables.TABLE);

    static final Setting<Integer> POOL_SIZE = Setting.integer(
                    PREFIX + "pool-size", "How many connections there are at most. A call takes one.")
            .check("1 to 1000", size -> size >= 1 && size <= 1000)
            .or(10);

    static final Setting<Duration> PURGE_INTERVAL = Setting.duration(
                    PREFIX + "purge-interval",
                    "How often records whose retention is over are dropped in the background, on average; `0s` for never.")
            .check(JdbcStore.Builder.INTERVAL_RULE, JdbcStore.Builder::isInterval)
            .or(Duration.ofMinutes(1));

    static final Setting<Duration> TIMEOUT = Setting.duration(
                    PREFIX + "timeout",
                    "How long a call may wait for a connection, and again for the database, before it fails.")
            .check(JdbcStore.Builder.TIMEOUT_RULE, JdbcStore.Builder::isTimeout)
            .or(Duration.ofSeconds(5));

    static final Setting<Optional<String>> CLOCK = Setting.text(
                    PREFIX + "clock",
                    "For a database that is neither PostgreSQL, MySQL, MariaDB nor H2: the milliseconds since 1970 in UTC, as"
                            + " an expression in its SQL.")
            .optional();

    /** For {@link java.util.ServiceLoader}. */
    public JdbcStoreProvider() {}

    @Override
    public String name() {
        return "jdbc";
    }

    @Override
    public List<Setting<?>> settings() {
        return List.of(URL, USER, PASSWORD_OF_USER, SCHEMA, TABLE, POOL_SIZE, PURGE_INTERVAL, TIMEOUT, CLOCK);
    }

    @Override
    public IdempotencyStore open(Settings settings) {
        String url = settings.get(URL)
                .orElseThrow(() -> new IllegalStateException("crosscut.idempotency.store is jdbc and " + URL.key()
                        + " is not set; expected the JDBC URL of the database"));
        HikariDataSource pool = new HikariDataSource(config(settings, url));
        try {
            JdbcStore.Builder builder = JdbcStore.builder(pool)
                    .table(settings.get(TABLE))
                    .schema(settings.get(SCHEMA))
                    .purgeInterval(settings.get(PURGE_INTERVAL))
                    .timeout(settings.get(TIMEOUT))
                    .closing(pool);
            settings.get(CLOCK).ifPresent(builder::clock);
            return builder.build();
        } catch (RuntimeException e) {
            pool.close();
            throw e;
        }
    }

    private static HikariConfig config(Settings settings, String url) {
        HikariConfig config = new HikariConfig();
        config.setPoolName("crosscut-idempotency");
        config.setJdbcUrl(url);
        String user = settings.get(USER).orElse(null);
        Optional<Secret> password = settings.get(PASSWORD_OF_USER);
        config.setCredentialsProvider(
                () -> Credentials.of(user, password.map(Secret::reveal).orElse(null)));
        config.setMaximumPoolSize(settings.get(POOL_SIZE));
        config.setConnectionTimeout(settings.get(TIMEOUT).toMillis());
        config.setInitializationFailTimeout(-1); // what is wrong is found when the store looks at its tables
        limits(url.toLowerCase(Locale.ROOT), settings.get(TIMEOUT)).ifPresent(config::setConnectionInitSql);
        return config;
    }

    /** A record that a transaction holds is one whose owner is at work: no reason to wait for long. */
    private static Optional<String> limits(String url, Duration timeout) {
        if (url.startsWith("jdbc:postgresql:")) {
            return Optional.of("SET lock_timeout = 1000; SET statement_timeout = " + timeout.toMillis());
        }
        if (url.startsWith("jdbc:mysql:") || url.startsWith("jdbc:mariadb:")) {
            return Optional.of("SET SESSION innodb_lock_wait_timeout = 1");
        }
        return url.startsWith("jdbc:h2:")
                ? Optional.of("SET LOCK_TIMEOUT 1000; " + H2_WRITES_AT_ONCE)
                : Optional.empty();
    }
}
