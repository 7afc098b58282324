package dev.crosscut.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.crosscut.core.Outcome;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.StringReader;
import java.sql.BatchUpdateException;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.util.Random;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postgresql.PGConnection;
import org.postgresql.PGStatement;
import org.postgresql.ds.PGSimpleDataSource;
import org.postgresql.jdbc.PgConnection;

/** A PostgreSQL server and its driver. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class PostgresTest {

    private static EmbeddedPostgres server;

    private final Watch watch = new Watch();
    private Connection connection;

    @BeforeAll
    static void start() throws IOException {
        server = EmbeddedPostgres.builder().start();
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    @BeforeEach
    void create() throws SQLException {
        DataSource driver = server.getPostgresDatabase();
        try (Connection own = driver.getConnection();
                Statement statement = own.createStatement()) {
            statement.execute("DROP TABLE IF EXISTS payments");
            statement.execute("CREATE TABLE payments (id BIGINT PRIMARY KEY, note TEXT)");
            statement.execute(
                    "CREATE OR REPLACE PROCEDURE pay(INOUT id BIGINT) LANGUAGE plpgsql AS $$ BEGIN id := id + 1; END $$");
        }
        connection = watch.wrap(driver).getConnection();
    }

    @AfterEach
    void close() throws SQLException {
        connection.close();
        watch.close();
    }

    @Test
    void a_prepared_insert_and_what_it_returns() throws SQLException {
        String sql = "INSERT INTO payments (id, note) VALUES (?, ?) RETURNING id";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setLong(1, 1);
            statement.setString(2, "s3cr3t");
            ResultSet rows = statement.executeQuery();
            rows.next();

            assertThat(rows.getLong("id")).isEqualTo(1);
            assertThat(rows.getStatement()).isSameAs(statement);
        }
        assertThat(watch.only().attributes())
                .containsEntry("db.system.name", "postgresql")
                .containsEntry("db.namespace", "postgres")
                .containsEntry("db.query.summary", "INSERT payments")
                .containsEntry("db.query.text", sql)
                .containsEntry("server.address", "localhost")
                .containsEntry("server.port", (long) server.getPort())
                .hasSize(6);
    }

    @Test
    void a_procedure_with_a_result() throws SQLException {
        connection.unwrap(PGConnection.class).setPrepareThreshold(0);
        try (CallableStatement statement = connection.prepareCall("call pay(?)")) {
            statement.setLong(1, 41);
            statement.registerOutParameter(1, Types.BIGINT);
            statement.execute();

            assertThat(statement.getLong(1)).isEqualTo(42);
        }
        assertThat(watch.only().attributes())
                .containsEntry("db.query.summary", "call pay")
                .containsEntry("db.stored_procedure.name", "pay")
                .doesNotContainKey("db.query.text");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "SELECT nothing FROM nowhere | 42P01 | SELECT nowhere",
                "SELECT 1/0 | 22012 | SELECT",
                "INSERT INTO payments VALUES (1, NULL), (1, NULL) | 23505 | INSERT payments",
                "SET statement_timeout = 50; SELECT pg_sleep(5) | 57014 | SET SELECT",
                "SELECT pg_terminate_backend(pg_backend_pid()) | 57P01 | SELECT"
            })
    void the_sql_state_is_the_type_of_the_error(String sql, String state, String summary) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            assertThatThrownBy(() -> statement.execute(sql)).isInstanceOfSatisfying(SQLException.class, thrown -> {
                Watch.Seen seen = watch.only();
                assertThat(seen.outcome())
                        .isInstanceOfSatisfying(
                                Outcome.Failed.class,
                                failed -> assertThat(failed.error()).isSameAs(thrown));
                assertThat(seen.errorType()).contains(state);
                assertThat(seen.attributes())
                        .containsEntry("db.response.status_code", state)
                        .containsEntry("db.query.summary", summary)
                        .containsEntry("db.system.name", "postgresql");
            });
        }
    }

    @Test
    void a_batch_that_fails_has_the_state_of_what_failed() throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("INSERT INTO payments (id) VALUES (?)")) {
            for (int i = 0; i < 2; i++) {
                statement.setLong(1, 1);
                statement.addBatch();
            }
            assertThatThrownBy(statement::executeBatch).isInstanceOf(BatchUpdateException.class);
        }
        Watch.Seen seen = watch.only();
        assertThat(seen.operation()).isEqualTo("BATCH INSERT payments");
        assertThat(seen.errorType()).contains("23505");
        assertThat(seen.attribute("db.operation.batch.size")).isEqualTo(2L);
    }

    @Test
    void what_the_driver_has_beside_jdbc_is_there() throws Exception {
        assertThat(connection).isInstanceOf(PGConnection.class);
        assertThat(connection.unwrap(PgConnection.class)).isNotSameAs(connection);
        long copied = ((PGConnection) connection)
                .getCopyAPI()
                .copyIn("COPY payments FROM STDIN", new StringReader("1\ts3cr3t\n2\tx\n"));
        assertThat(copied).isEqualTo(2);
        try (Statement statement = connection.createStatement()) {
            ((PGStatement) statement).setPrepareThreshold(3);
            assertThat(statement.unwrap(PGStatement.class).getPrepareThreshold())
                    .isEqualTo(3);
        }
        assertThat(watch.all()).isEmpty();
    }

    @Test
    void the_schema_of_the_url_is_part_of_the_namespace() throws SQLException {
        PGSimpleDataSource driver = (PGSimpleDataSource) server.getPostgresDatabase();
        driver.setCurrentSchema("public,pg_catalog");
        try (Connection own = watch.wrap(driver).getConnection();
                Statement statement = own.createStatement()) {
            statement.execute("SELECT 1");
        }
        assertThat(watch.only().attribute("db.namespace")).isEqualTo("postgres|public");
    }

    @Test
    void rows_are_fetched_in_parts_within_a_transaction() throws SQLException {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.setFetchSize(10);
            ResultSet rows = statement.executeQuery("SELECT * FROM generate_series(1, 100)");
            int count = 0;
            while (rows.next()) {
                count++;
            }
            assertThat(count).isEqualTo(100);
        }
        connection.rollback();
        assertThat(watch.only().operation()).isEqualTo("SELECT generate_series");
    }

    /** What the server takes for one value cannot be a fault of the test that hides it. */
    @Test
    void what_the_hostile_texts_have_for_a_literal_is_one_to_the_server() throws SQLException {
        Random random = new Random(3);
        try (Connection own = server.getPostgresDatabase().getConnection();
                Statement statement = own.createStatement()) {
            for (int i = 0; i < 2000; i++) {
                String literal = HostileTextTest.literal(random, Dialect.POSTGRESQL);
                String comment = HostileTextTest.comment(random, Dialect.POSTGRESQL);
                if (literal.startsWith("DATE")) {
                    continue;
                }
                statement.setEscapeProcessing(false);
                ResultSet rows = statement.executeQuery("SELECT " + literal + comment + ", 17");

                assertThat(rows.getMetaData().getColumnCount())
                        .as("columns of %s", literal + comment)
                        .isEqualTo(2);
                rows.next();
                assertThat(rows.getString(1)).contains("s3cr3t");
                assertThat(rows.getInt(2)).isEqualTo(17);
            }
        }
    }
}
