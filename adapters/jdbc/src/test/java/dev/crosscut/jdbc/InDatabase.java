package dev.crosscut.jdbc;

import dev.crosscut.core.Exchange;

/** What the database calls while it executes. */
public final class InDatabase {

    private InDatabase() {}

    /** What is current. */
    public static String operation() {
        return Exchange.current().map(Exchange::toString).orElse("none");
    }
}
