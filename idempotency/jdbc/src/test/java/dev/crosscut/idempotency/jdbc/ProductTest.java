package dev.crosscut.idempotency.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.SQLException;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which statements a database gets, by what its driver says of it. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class ProductTest {

    @ParameterizedTest
    @CsvSource({
        "PostgreSQL, 18.6, POSTGRESQL, true",
        "H2, 2.5.252 (2026-09-23), H2, true",
        "MariaDB, 11.4.5-MariaDB, MARIADB, true",
        "MariaDB, 10.5.29-MariaDB, MARIADB, false",
        "MariaDB, 10.4.34-MariaDB-log, MYSQL, false",
        "MySQL, 5.5.5-10.11.6-MariaDB-1, MARIADB, true",
        "MySQL, 5.5.5-10.3.39-MariaDB, MYSQL, false",
        "MySQL, 8.4.6, MYSQL, true",
        "MySQL, 9.4.0-commercial, MYSQL, true",
        "MySQL, 5.7.44-log, MYSQL, false",
        "Oracle, Oracle Database 23ai, PORTABLE, false"
    })
    void a_product_and_its_version(String product, String version, Dialect dialect, boolean skipsLocked)
            throws SQLException {
        DatabaseMetaData database = answering(DatabaseMetaData.class, product, version, null);
        Connection connection = answering(Connection.class, product, version, database);

        assertThat(Dialect.of(connection)).isEqualTo(dialect);
        assertThat(dialect.skipLocked(database)).isEqualTo(skipsLocked ? " FOR UPDATE SKIP LOCKED" : "");
    }

    private static <T> T answering(Class<T> type, String product, String version, DatabaseMetaData database) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (self, method, arguments) -> switch (method.getName()) {
                    case "getMetaData" -> database;
                    case "getDatabaseProductName" -> product;
                    case "getDatabaseProductVersion" -> version;
                    default -> throw new UnsupportedOperationException(method.getName());
                }));
    }
}
