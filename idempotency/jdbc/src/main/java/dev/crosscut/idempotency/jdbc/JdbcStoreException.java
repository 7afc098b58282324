package dev.crosscut.idempotency.jdbc;

import java.sql.SQLException;

/**
 * The database did not carry out a call, or did not say that it has; it is not known which. Its cause is what the driver
 * threw. Within a transaction of the caller's, that is to be rolled back.
 */
public final class JdbcStoreException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String sqlState;

    JdbcStoreException(String what, SQLException cause) {
        super(
                what + " failed, and it is not known whether it was carried out: [" + Dialect.state(cause) + "/"
                        + cause.getErrorCode() + "] " + cause.getMessage(),
                cause);
        this.sqlState = Dialect.state(cause);
    }

    /**
     * What the database says went wrong.
     *
     * @return the SQLSTATE, such as {@code 40001} for a transaction that lost against another; empty where there is none
     */
    public String sqlState() {
        return sqlState;
    }
}
