package dev.crosscut.jdbc;

/**
 * How a database reads its text, where databases differ in where a literal or a comment ends. For one that is not known
 * here, whatever is read differently anywhere hides all that follows it.
 */
enum Dialect {
    /** As PostgreSQL reads it. */
    POSTGRESQL(true, true, true),
    /** As MySQL and MariaDB do, in any {@code sql_mode}. */
    MYSQL(false, true, false),
    /** As SQL Server does, with {@code QUOTED_IDENTIFIER} on or off. */
    SQL_SERVER(false, true, true),
    /** As Oracle does. */
    ORACLE(true, true, false),
    /** As H2 does, in each of its modes. */
    H2(true, false, false),
    /** A database of which nothing is known. */
    OTHER(false, false, false);

    /** Whether a name is always what stands in double quotes; elsewhere it may be a text. */
    final boolean namesInDoubleQuotes;

    /** Whether it is certain what a comment within a comment is. */
    final boolean sureOfComments;

    /** It has an end of its own. */
    final boolean nestsComments;

    Dialect(boolean namesInDoubleQuotes, boolean sureOfComments, boolean nestsComments) {
        this.namesInDoubleQuotes = namesInDoubleQuotes;
        this.sureOfComments = sureOfComments;
        this.nestsComments = nestsComments;
    }

    /** Whether a name is what stands between backticks. */
    boolean hasNamesInBackticks() {
        return this == MYSQL || this == H2;
    }

    /** Whether {@code #} is part of a name. */
    boolean hasHashInNames() {
        return this == SQL_SERVER || this == ORACLE || this == H2;
    }
}
