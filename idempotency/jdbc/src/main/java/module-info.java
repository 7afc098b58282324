/**
 * Records of idempotency keys in a SQL database. Exports the store, for programs that have a {@code DataSource}; opens the
 * folders of its migration files, for tools that run them.
 */
@org.jspecify.annotations.NullMarked
@SuppressWarnings("opens") // packages of files, without classes
module dev.crosscut.idempotency.jdbc {
    requires static org.jspecify;
    requires transitive dev.crosscut.idempotency;
    requires com.zaxxer.hikari;

    exports dev.crosscut.idempotency.jdbc;

    opens dev.crosscut.idempotency.jdbc.h2;
    opens dev.crosscut.idempotency.jdbc.liquibase;
    opens dev.crosscut.idempotency.jdbc.mariadb;
    opens dev.crosscut.idempotency.jdbc.mysql;
    opens dev.crosscut.idempotency.jdbc.postgresql;

    provides dev.crosscut.idempotency.StoreProvider with
            dev.crosscut.idempotency.jdbc.JdbcStoreProvider;
}
