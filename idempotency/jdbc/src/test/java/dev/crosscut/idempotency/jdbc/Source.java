package dev.crosscut.idempotency.jdbc;

import java.io.PrintWriter;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.logging.Logger;
import javax.sql.DataSource;

/** A DataSource as a lambda. */
interface Source extends DataSource {

    /** Hands out one connection again and again, as it was given back. */
    static Source always(Connection connection) {
        Connection open = (Connection) Proxy.newProxyInstance(
                Connection.class.getClassLoader(), new Class<?>[] {Connection.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("close")) {
                        return null;
                    }
                    try {
                        return method.invoke(connection, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
        return () -> open;
    }

    @Override
    default Connection getConnection(String username, String password) throws SQLException {
        return getConnection();
    }

    @Override
    default PrintWriter getLogWriter() {
        throw new UnsupportedOperationException();
    }

    @Override
    default void setLogWriter(PrintWriter out) {
        throw new UnsupportedOperationException();
    }

    @Override
    default void setLoginTimeout(int seconds) {
        throw new UnsupportedOperationException();
    }

    @Override
    default int getLoginTimeout() {
        throw new UnsupportedOperationException();
    }

    @Override
    default Logger getParentLogger() {
        throw new UnsupportedOperationException();
    }

    @Override
    default <T> T unwrap(Class<T> type) {
        throw new UnsupportedOperationException();
    }

    @Override
    default boolean isWrapperFor(Class<?> type) {
        return false;
    }
}
