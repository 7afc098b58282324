package dev.crosscut.jdbc;

import java.lang.reflect.Method;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/** A connection whose statements are stood in for. */
final class ConnectionStandIn extends StandIn {

    private final Connection connection;
    private final StandIns standIns;
    private @Nullable Database database;

    ConnectionStandIn(Connection connection, StandIns standIns) {
        super(connection);
        this.connection = connection;
        this.standIns = standIns;
    }

    StandIns standIns() {
        return standIns;
    }

    /** Asked for while the connection is sound, as one that has failed may not tell any more. */
    Database database() {
        Database known = database;
        if (known == null) {
            known = standIns.database(connection);
            database = known;
        }
        return known;
    }

    @Override
    @Nullable
    Object called(Object self, Method method, Object[] arguments) throws Throwable {
        Object result = pass(method, arguments);
        if (method.getName().equals("unwrap")) {
            return result;
        }
        if (result instanceof Statement statement) {
            String sql = arguments.length > 0 && arguments[0] instanceof String text ? text : null;
            return statement((Connection) self, statement, statement instanceof PreparedStatement ? sql : null);
        }
        if (result instanceof DatabaseMetaData metadata) {
            return standIns.make(DatabaseMetaData.class, metadata, new MetadataStandIn(metadata, self));
        }
        return result;
    }

    private Statement statement(Connection self, Statement statement, @Nullable String sql) {
        StatementStandIn handler = new StatementStandIn(statement, self, this, sql);
        if (statement instanceof CallableStatement callable) {
            return standIns.make(CallableStatement.class, callable, handler);
        }
        if (statement instanceof PreparedStatement prepared) {
            return standIns.make(PreparedStatement.class, prepared, handler);
        }
        return standIns.make(Statement.class, statement, handler);
    }

    /** Metadata that lead back to what stands in for the connection. */
    private static final class MetadataStandIn extends StandIn {

        private final Object connection;

        MetadataStandIn(DatabaseMetaData metadata, Object connection) {
            super(metadata);
            this.connection = connection;
        }

        @Override
        @Nullable
        Object called(Object self, Method method, Object[] arguments) throws Throwable {
            Object result = pass(method, arguments);
            return result instanceof Connection && method.getName().equals("getConnection") ? connection : result;
        }
    }
}
