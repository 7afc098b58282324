package dev.crosscut.idempotency.jdbc;

import static dev.crosscut.idempotency.jdbc.Given.claimed;
import static dev.crosscut.idempotency.jdbc.Given.key;
import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.time.Duration;
import javax.sql.DataSource;
import liquibase.Liquibase;
import liquibase.database.jvm.JdbcConnection;
import liquibase.resource.ClassLoaderResourceAccessor;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/** The tables as the tools make them that run migrations. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class MigrationTest {

    private final H2 h2 = H2.inMemory();

    @AfterEach
    void close() throws Exception {
        h2.close();
    }

    @Test
    void flyway_makes_the_tables_beside_those_of_the_application() throws Exception {
        h2.execute("CREATE TABLE payments (id BIGINT PRIMARY KEY)");
        migrate(h2.dataSource());
        migrate(h2.dataSource());
        assertUsable();
    }

    private static void migrate(DataSource dataSource) {
        Flyway.configure()
                .dataSource(dataSource)
                .locations("classpath:dev/crosscut/idempotency/jdbc/h2")
                .table("crosscut_idempotency_history")
                .baselineOnMigrate(true)
                .baselineVersion("0")
                .load()
                .migrate();
    }

    @Test
    void liquibase_makes_the_tables() throws Exception {
        for (int i = 0; i < 2; i++) {
            try (Connection connection = h2.dataSource().getConnection();
                    Liquibase liquibase = new Liquibase(
                            "dev/crosscut/idempotency/jdbc/liquibase/changelog.xml",
                            new ClassLoaderResourceAccessor(),
                            new JdbcConnection(connection))) {
                liquibase.update();
            }
        }
        assertUsable();
    }

    private void assertUsable() {
        try (JdbcStore store =
                JdbcStore.builder(h2.dataSource()).purgeInterval(Duration.ZERO).build()) {
            assertThat(claimed(store, key()).epoch()).isEqualTo(1);
        }
    }
}
