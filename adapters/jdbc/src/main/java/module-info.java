/**
 * JDBC: each execution of a statement on a connection of a wrapped {@code javax.sql.DataSource} is an exchange. It
 * exports one package with one class.
 */
@org.jspecify.annotations.NullMarked
module dev.crosscut.jdbc {
    requires static org.jspecify;
    requires transitive dev.crosscut.core;
    requires transitive java.sql;

    exports dev.crosscut.jdbc;
}
