package dev.crosscut.idempotency.jdbc;

import static dev.crosscut.idempotency.jdbc.Given.DAY;
import static dev.crosscut.idempotency.jdbc.Given.PRINT;
import static dev.crosscut.idempotency.jdbc.Given.assertDone;
import static dev.crosscut.idempotency.jdbc.Given.bytes;
import static dev.crosscut.idempotency.jdbc.Given.claimed;
import static dev.crosscut.idempotency.jdbc.Given.done;
import static dev.crosscut.idempotency.jdbc.Given.key;
import static dev.crosscut.idempotency.jdbc.Given.terms;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.crosscut.idempotency.Claim;
import dev.crosscut.idempotency.RecordInfo;
import dev.crosscut.idempotency.RecordKey;
import dev.crosscut.idempotency.Ticket;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/** What tables the store makes, takes and refuses. */
@DisplayNameGeneration(ReplaceUnderscores.class)
abstract class SchemaTests {

    abstract TestDatabase database();

    /** The type of 32 bytes, of fewer, of text of 32 characters, and of a long value. */
    abstract String bytes32();

    abstract String bytes16();

    abstract String text32();

    abstract String blob();

    @BeforeEach
    void drop() throws SQLException {
        database().execute("CREATE SCHEMA IF NOT EXISTS elsewhere");
        for (String table : List.of("crosscut_idempotency", "payment_keys", "elsewhere.keys")) {
            database().execute("DROP TABLE IF EXISTS " + table, "DROP TABLE IF EXISTS " + table + "_schema");
        }
    }

    private JdbcStore.Builder builder() {
        return JdbcStore.builder(database().dataSource()).purgeInterval(Duration.ZERO);
    }

    private JdbcStore created() {
        return builder().schema(JdbcStore.Schema.CREATE).build();
    }

    final AbstractThrowableAssert<?, ? extends Throwable> assertRefused() {
        return assertThatThrownBy(() -> builder().build())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("the store of idempotency keys cannot be opened: ");
    }

    /** The tables as they should be but for this. */
    final void table(String k, String fp, String lease, String data, String more) throws SQLException {
        created();
        database()
                .execute(
                        "DROP TABLE crosscut_idempotency",
                        "CREATE TABLE crosscut_idempotency (k " + k
                                + ", state SMALLINT NOT NULL, owner BIGINT NOT NULL,"
                                + " epoch INTEGER NOT NULL, fp " + fp + " NOT NULL, lease_until " + lease
                                + " NOT NULL, expires_at BIGINT NOT NULL, data " + data + more + ")");
    }

    @Test
    void tables_that_are_missing_are_asked_for_with_the_file_that_makes_them() throws SQLException {
        assertRefused()
                .hasMessageContaining("the table crosscut_idempotency_schema cannot be read: [")
                .hasMessageContaining(Tables.file(dialect()))
                .hasMessageContaining("crosscut.idempotency.jdbc.schema=create");
        assertThat(getClass().getModule().getClassLoader().getResource(Tables.file(dialect())))
                .as("for tools, on the module path too")
                .isNotNull();
    }

    @Test
    void many_processes_may_make_the_tables_at_once() throws Exception {
        List<Ticket> tickets = DialectTests.atOnce(6, i -> () -> claimed(created(), key("same " + i)));

        assertThat(tickets).hasSize(6);
        assertThat(builder().build().count().get(RecordInfo.State.RUNNING)).isEqualTo(6);
        assertThat(database().number("SELECT COUNT(*) FROM crosscut_idempotency_schema"))
                .isEqualTo(1);
    }

    @Test
    void tables_that_are_there_are_left_as_they_are() throws SQLException {
        RecordKey key = key();
        done(created(), key, "x");
        assertDone(created().claim(key, PRINT, terms()), "x");
    }

    @Test
    void tables_of_two_names_hold_two_sets_of_records() throws SQLException {
        RecordKey key = key();
        done(created(), key, "here");
        for (String name : List.of("payment_keys", "elsewhere.keys")) {
            JdbcStore other =
                    builder().table(name).schema(JdbcStore.Schema.CREATE).build();
            done(other, key, name);
            assertDone(builder().table(name).build().claim(key, PRINT, terms()), name);
            assertThat(other.purge(1)).isZero();
        }
        assertDone(created().claim(key, PRINT, terms()), "here");
    }

    @Test
    void a_schema_that_is_too_new_is_refused() throws SQLException {
        created();
        database().execute("UPDATE crosscut_idempotency_schema SET version = 3, readable_by = 2");

        assertRefused()
                .hasMessageContaining("the schema is of version 3 and needs a release that knows version 2 or newer;"
                        + " this one knows 1. Use a newer release");
    }

    @Test
    void a_newer_schema_that_says_this_release_can_work_with_it_is_worked_with() throws SQLException {
        RecordKey old = key();
        done(created(), old, "x");
        database()
                .execute(
                        "UPDATE crosscut_idempotency_schema SET version = 2, readable_by = 1",
                        "ALTER TABLE crosscut_idempotency ADD added VARCHAR(10) DEFAULT 'new'");
        JdbcStore store = builder().build();

        assertDone(store.claim(old, PRINT, terms()), "x");
        RecordKey key = key();
        assertThat(store.complete(claimed(store, key), bytes("y"), DAY)).isTrue();
        assertDone(store.claim(key, PRINT, terms()), "y");
    }

    @Test
    void a_schema_without_its_version_is_refused() throws SQLException {
        created();
        database().execute("DELETE FROM crosscut_idempotency_schema");

        assertRefused().hasMessageContaining("crosscut_idempotency_schema is empty; expected one row with version 1");
    }

    @Test
    void a_key_that_is_text_is_refused_since_a_collation_compares_it() throws SQLException {
        table(text32() + " PRIMARY KEY", bytes32(), "BIGINT", blob(), "");
        assertRefused().hasMessageContaining("k of crosscut_idempotency is").hasMessageContaining("expected 32 bytes");
    }

    @Test
    void a_key_of_another_length_is_refused_since_it_would_be_cut_or_padded() throws SQLException {
        table(bytes16() + " PRIMARY KEY", bytes32(), "BIGINT", blob(), "");
        assertRefused().hasMessageContaining("expected 32 bytes");
    }

    @Test
    void every_column_that_is_wrong_is_named_at_once() throws SQLException {
        table(text32() + " PRIMARY KEY", text32(), "INTEGER", "BIGINT", "");
        assertRefused()
                .satisfies(thrown -> assertThat(thrown.getMessage().toLowerCase(Locale.ROOT))
                        .contains("column k of", "column fp of", "column lease_until of", "column data of")
                        .contains("expected bigint, signed"));
    }

    @Test
    void a_key_that_is_not_unique_is_refused() throws SQLException {
        table(bytes32() + " NOT NULL", bytes32(), "BIGINT", blob(), "");
        assertRefused().hasMessageContaining("takes the same k twice; expected it as the primary key");
    }

    @Test
    void a_column_that_the_store_does_not_know_and_must_fill_is_refused() throws SQLException {
        table(bytes32() + " PRIMARY KEY", bytes32(), "BIGINT", blob(), ", added INTEGER NOT NULL CHECK (added > 0)");
        assertRefused().hasMessageContaining("no record can be written to the table crosscut_idempotency");
    }

    @Test
    void a_column_that_is_missing_is_refused() throws SQLException {
        created();
        database().execute("ALTER TABLE crosscut_idempotency DROP COLUMN epoch");
        assertRefused().hasMessageContaining("the table crosscut_idempotency cannot be read");
    }

    @Test
    void a_look_at_the_tables_leaves_nothing_behind() throws SQLException {
        created().close();
        builder().build().close();
        assertThat(database().number("SELECT COUNT(*) FROM crosscut_idempotency"))
                .isZero();
    }

    /** Rows that the first release wrote, and the tables that it made. */
    @Test
    void records_of_format_1_are_read() throws Exception {
        String ddl = resource("/fixtures/format-1/" + dialect().folder() + ".sql");
        for (String statement : ddl.split(";", -1)) {
            if (!statement.isBlank()) {
                database().execute(statement);
            }
        }
        load(resource("/fixtures/format-1/records.csv"));
        JdbcStore store = builder().build();

        assertDone(store.claim(key("done"), PRINT, terms()), "outcome of the first release");
        assertThat(store.claim(key("running"), PRINT, terms())).isInstanceOf(Claim.Running.class);
        Ticket old = new Ticket(key("abandoned"), -42, 7);
        assertThat(store.claim(key("abandoned"), PRINT, terms())).isEqualTo(new Claim.Abandoned(PRINT, old));
        assertThat(store.claim(key("abandoned"), PRINT, Given.inPlaceOf(old)))
                .isInstanceOfSatisfying(
                        Claim.Granted.class,
                        granted -> assertThat(granted.progress()).isEqualTo(bytes("step 1")));
        assertThat(claimed(store, key("released")).epoch()).isEqualTo(4);
        assertThat(claimed(store, key("over")).epoch()).isEqualTo(2);
        assertThat(store.complete(new Ticket(key("running"), Long.MIN_VALUE, 1), bytes("x"), DAY))
                .as("an owner of the release before")
                .isTrue();
    }

    /** What this release writes is what the first release wrote, so that both may run at once. */
    @Test
    void records_are_written_as_in_format_1() throws Exception {
        JdbcStore store = created();
        Ticket done = done(store, key("done"), "outcome");
        Ticket released = claimed(store, key("released"));
        store.release(released);
        Ticket left = Given.abandoned(store, key("abandoned"), "step 1");

        String row =
                "SELECT COUNT(*) FROM crosscut_idempotency WHERE epoch = 1 AND expires_at > 1000000000000 AND owner = ";
        assertThat(database().number(row + done.owner() + " AND state = 2 AND lease_until = 0 AND data IS NOT NULL"))
                .isEqualTo(1);
        assertThat(database().number(row + released.owner() + " AND state = 3 AND lease_until = 0 AND data IS NULL"))
                .isEqualTo(1);
        assertThat(database().number(row + left.owner() + " AND state = 1 AND lease_until > 0 AND data IS NOT NULL"))
                .isEqualTo(1);
    }

    private void load(String records) throws SQLException {
        try (Connection connection = database().dataSource().getConnection();
                PreparedStatement insert = connection.prepareStatement(
                        "INSERT INTO crosscut_idempotency VALUES (?, ?, ?, ?, ?, ?, ?, ?)")) {
            for (String line :
                    records.lines().filter(each -> !each.startsWith("#")).toList()) {
                String[] values = line.split(",", -1);
                for (int i = 1; i <= 8; i++) {
                    String value = values[i];
                    switch (i) {
                        case 1, 5 -> insert.setBytes(i, HexFormat.of().parseHex(value));
                        case 8 ->
                            insert.setBytes(
                                    i, value.isEmpty() ? null : HexFormat.of().parseHex(value));
                        default -> insert.setLong(i, Long.parseLong(value));
                    }
                }
                insert.executeUpdate();
            }
        }
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = Objects.requireNonNull(SchemaTests.class.getResourceAsStream(name), name);
                BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            return String.join(
                    "\n", reader.lines().filter(line -> !line.startsWith("--")).toList());
        }
    }

    private Dialect dialect() throws SQLException {
        try (Connection connection = database().dataSource().getConnection()) {
            return Dialect.of(connection);
        }
    }
}
