package dev.crosscut.idempotency.jdbc;

import static dev.crosscut.idempotency.jdbc.Given.DAY;
import static dev.crosscut.idempotency.jdbc.Given.PRINT;
import static dev.crosscut.idempotency.jdbc.Given.assertDone;
import static dev.crosscut.idempotency.jdbc.Given.bytes;
import static dev.crosscut.idempotency.jdbc.Given.claimed;
import static dev.crosscut.idempotency.jdbc.Given.key;
import static dev.crosscut.idempotency.jdbc.Given.terms;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Plugin;
import dev.crosscut.core.Setting;
import dev.crosscut.core.Settings;
import dev.crosscut.core.Source;
import dev.crosscut.idempotency.Claim;
import dev.crosscut.idempotency.IdempotencyStore;
import dev.crosscut.idempotency.RecordKey;
import dev.crosscut.idempotency.StoreProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The store as settings open it. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class JdbcStoreProviderTest {

    private static final String PREFIX = "crosscut.idempotency.jdbc.";

    /** Declares what the provider reads, as the concern does. */
    private record Declaring(StoreProvider provider) implements Plugin {
        @Override
        public String name() {
            return "idempotency";
        }

        @Override
        public List<Setting<?>> settings() {
            return provider.settings();
        }

        @Override
        public void install(Crosscut.Builder builder, Settings settings) {}
    }

    private static StoreProvider provider() {
        JdbcStoreProviderTest.class.getModule().addUses(StoreProvider.class);
        return ServiceLoader.load(StoreProvider.class).stream()
                .map(ServiceLoader.Provider::get)
                .filter(each -> each.name().equals("jdbc"))
                .findFirst()
                .orElseThrow();
    }

    static IdempotencyStore open(Map<String, String> values) {
        Map<String, String> prefixed = new HashMap<>();
        values.forEach((key, value) -> prefixed.put(PREFIX + key, value));
        StoreProvider provider = provider();
        try (Crosscut crosscut = Crosscut.builder()
                .discoverPlugins(false)
                .plugin(new Declaring(provider))
                .source(Source.of("test", prefixed))
                .build()) {
            return provider.open(crosscut.settings());
        }
    }

    @Test
    void none_of_its_settings_is_required() {
        assertThat(provider().settings())
                .hasSize(9)
                .noneMatch(Setting::isRequired)
                .allMatch(setting -> setting.key().startsWith(PREFIX));
    }

    @Test
    void a_url_and_the_wish_for_tables_are_enough() {
        try (IdempotencyStore store =
                open(Map.of("url", Postgres.shared().url(), "user", "postgres", "schema", "create"))) {
            RecordKey key = key();
            assertThat(store.complete(claimed(store, key), bytes("x"), DAY)).isTrue();
            assertDone(store.claim(key, PRINT, terms()), "x");
        }
    }

    @Test
    void a_missing_url_is_named() {
        assertThatThrownBy(() -> open(Map.of()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("crosscut.idempotency.jdbc.url is not set; expected the JDBC URL");
    }

    @Test
    void a_database_that_is_not_there_is_said_soon() {
        long start = System.nanoTime();
        assertThatThrownBy(() -> open(Map.of("url", "jdbc:postgresql://127.0.0.1:1/none", "timeout", "1s")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("the store of idempotency keys cannot be opened: [");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(6));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jdbc:postgresql://host/db?user=a&password=s3cr3t",
                "jdbc:h2:mem:x;USER=a;PASSWORD=s3cr3t",
                "jdbc:mysql://a:s3cr3t@host/db",
                "postgresql://host/db"
            })
    void a_password_in_the_url_is_refused_since_urls_are_shown(String url) {
        assertThatThrownBy(() -> open(Map.of("url", url)))
                .hasMessageContaining(PREFIX + "url")
                .hasMessageContaining("without a password");
    }

    @ParameterizedTest
    @CsvSource({
        "table, a; DROP TABLE b",
        "table, a.b.c",
        "table, \"a\"",
        "timeout, 10ms",
        "timeout, 2h",
        "purge-interval, 10ms",
        "pool-size, 0",
        "schema, drop"
    })
    void what_is_out_of_bounds_is_refused(String name, String value) {
        assertThatThrownBy(() -> open(Map.of("url", "jdbc:h2:mem:bounds", name, value)))
                .hasMessageContaining(PREFIX + name)
                .hasMessageContaining("expected");
    }

    @Test
    void each_connection_bounds_how_long_a_claim_waits_for_a_transaction() throws Exception {
        Postgres postgres = Postgres.shared();
        try (IdempotencyStore store =
                        open(Map.of("url", postgres.url(), "user", "postgres", "schema", "create", "timeout", "30s"));
                Connection other = postgres.driver().getConnection()) {
            RecordKey key = key();
            other.setAutoCommit(false);
            claimed(((IdempotencyStore.Transactional) store).within(other), key);

            assertThat(store.claim(key, PRINT, terms())).isEqualTo(new Claim.Running(PRINT, Duration.ofSeconds(1)));
            other.rollback();
            claimed(store, key);
        }
    }

    @Test
    void a_password_that_changes_in_its_file_is_used_for_the_next_connection(@TempDir Path folder) throws Exception {
        String url = "jdbc:h2:mem:rotating;DB_CLOSE_DELAY=-1";
        Path file = Files.writeString(folder.resolve("password"), "first");
        try (Connection admin = DriverManager.getConnection(url, "app", "first");
                IdempotencyStore store = open(Map.of(
                        "url",
                        url,
                        "user",
                        "app",
                        "password.file",
                        file.toString(),
                        "schema",
                        "create",
                        "pool-size",
                        "1"))) {
            RecordKey key = key();
            claimed(store, key);
            rotate(admin, file);
            Thread.sleep(1100); // a secret looks at its file once a second
            closeSessionsOfThePool(admin);

            assertThat(claimedEventually(store)).isNotNull();
        }
    }

    private static void rotate(Connection admin, Path file) throws SQLException, IOException {
        try (Statement statement = admin.createStatement()) {
            statement.execute("ALTER USER app SET PASSWORD 'second'");
        }
        Files.writeString(file, "second");
    }

    private static void closeSessionsOfThePool(Connection admin) throws SQLException {
        try (Statement statement = admin.createStatement();
                ResultSet rows = statement.executeQuery(
                        "SELECT ABORT_SESSION(SESSION_ID) FROM INFORMATION_SCHEMA.SESSIONS WHERE SESSION_ID <> SESSION_ID()")) {
            assertThat(rows.next()).isTrue();
        }
    }

    private static Object claimedEventually(IdempotencyStore store) throws InterruptedException {
        for (int i = 0; ; i++) {
            try {
                return claimed(store, key());
            } catch (JdbcStoreException e) {
                if (i == 20) {
                    throw e;
                }
                Thread.sleep(50);
            }
        }
    }

    @Test
    void closing_the_store_closes_its_connections_and_ends_its_purge() throws Exception {
        Postgres postgres = Postgres.shared();
        String ours = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'closing'";
        IdempotencyStore store = open(
                Map.of("url", postgres.url() + "?ApplicationName=closing", "user", "postgres", "schema", "create"));
        assertThat(postgres.number(ours)).isPositive();
        assertThat(purges()).isPositive();
        store.close();
        long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (postgres.number(ours) + purges() > 0) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            Thread.sleep(10);
        }
    }

    private static long purges() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("crosscut-idempotency-purge"))
                .count();
    }
}
