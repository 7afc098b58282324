package dev.crosscut.jdbc;

import dev.crosscut.core.Crosscut;
import java.lang.reflect.Method;
import java.sql.Connection;
import java.sql.ConnectionBuilder;
import org.jspecify.annotations.Nullable;

/** A DataSource, or a builder of its connections, whose connections are stood in for. */
final class DataSourceStandIn extends StandIn {

    private final Object target;
    private final StandIns standIns;

    DataSourceStandIn(Object target, StandIns standIns) {
        super(target);
        this.target = target;
        this.standIns = standIns;
    }

    @SuppressWarnings("ReferenceEquality") // one and the same pipeline
    boolean isFor(Crosscut crosscut) {
        return standIns.crosscut() == crosscut;
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // whether it is the very object
    @Nullable
    Object called(Object self, Method method, Object[] arguments) throws Throwable {
        Object result = pass(method, arguments);
        if (method.getName().equals("unwrap")) {
            return result;
        }
        if (result == target) {
            return self;
        }
        if (result instanceof Connection connection) {
            return standIns.make(Connection.class, connection, new ConnectionStandIn(connection, standIns));
        }
        if (result instanceof ConnectionBuilder builder) {
            return standIns.make(ConnectionBuilder.class, builder, new DataSourceStandIn(builder, standIns));
        }
        return result;
    }
}
