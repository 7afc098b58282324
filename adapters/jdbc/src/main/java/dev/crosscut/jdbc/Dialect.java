package dev.crosscut.jdbc;

/**
 * How a database reads its text, where databases differ in where a literal or a comment ends. For one that is not known
 * here, whatever is read differently anywhere hides all that follows it.
 */
enum Dialect {
    /** As PostgreSQL reads it. */
    POSTGRESQL(true, Comments.NESTED),
    /** As MySQL and MariaDB do, in any {@code sql_mode}. */
    MYSQL(false, Comments.FLAT),
    /** As SQL Server does, with {@code QUOTED_IDENTIFIER} on or off. */
    SQL_SERVER(false, Comments.NESTED),
    /** As Oracle does. */
    ORACLE(true, Comments.FLAT),
    /** As H2 does, in each of its modes. */
    H2(true, Comments.UNSURE),
    /** A database of which nothing is known. */
    OTHER(false, Comments.UNSURE);

    /** Whether a comment within a comment has an end of its own. */
    enum Comments {
        NESTED,
        FLAT,
        UNSURE
    }

    /** Whether a name is always what stands in double quotes; elsewhere it may be a text. */
    final boolean namesInDoubleQuotes;

    final Comments comments;

    Dialect(boolean namesInDoubleQuotes, Comments comments) {
        this.namesInDoubleQuotes = namesInDoubleQuotes;
        this.comments = comments;
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
