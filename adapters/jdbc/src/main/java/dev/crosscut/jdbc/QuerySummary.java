package dev.crosscut.jdbc;

import dev.crosscut.jdbc.SqlScanner.Kind;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The operations of a query and what they work on, in their order and as they are written: {@code SELECT payments}. One
 * pass over the tokens; of a text that is not understood, what was understood before.
 *
 * <p>It is made of keywords that are listed here and of names in the places of tables and procedures, never of literals,
 * not even where a database allows one as the name of a table.
 */
final class QuerySummary {

    private static final int LONGEST = 255;
    private static final int DEEPEST = 50;

    /** As in CREATE GLOBAL TEMPORARY TABLE. */
    private static final int MOST_MODIFIERS = 6;

    /** Each begins a statement of which the rest says nothing that belongs in a summary. */
    private static final Set<String> COMMANDS =
            words("ABORT ANALYZE ATTACH BACKUP BEGIN CHECK CHECKPOINT CLOSE CLUSTER COMMENT COMMIT COPY "
                    + "DBCC DEALLOCATE DECLARE DENY DESC DESCRIBE DETACH DISCARD DO END EXPORT FETCH FLUSH "
                    + "GRANT HANDLER IF IMPORT KILL LISTEN LOAD LOCK MOVE NOTIFY OPTIMIZE PRAGMA PREPARE PRINT "
                    + "PURGE REFRESH REINDEX RELEASE RENAME REPAIR RESET RESTORE REVOKE ROLLBACK RUNSCRIPT "
                    + "SAVEPOINT SCRIPT SET SHOW SHUTDOWN START TABLE UNLISTEN UNLOCK USE VACUUM VALUES WAITFOR "
                    + "WHILE");

    /** Of these, what follows a semicolon is part of a body. */
    private static final Set<String> BODIES = words("DECLARE DO IF WHILE");

    /** What is created, altered and dropped, with its name, */
    private static final Set<String> NAMED = words(
            "DATABASE DOMAIN FUNCTION INDEX PACKAGE PROCEDURE SCHEMA SEQUENCE SYNONYM TABLE TRIGGER " + "TYPE VIEW");

    /** of these with a body that is not read, */
    private static final Set<String> ROUTINES = words("FUNCTION PACKAGE PROCEDURE TRIGGER");

    /** and without its name. */
    private static final Set<String> UNNAMED = words("EXTENSION LOGIN POLICY ROLE SYSTEM USER");

    /** What may stand before the name that a statement works on. */
    private static final Set<String> BEFORE_NAME =
            words("CONCURRENTLY DELAYED EXISTS HIGH_PRIORITY IF IGNORE INTO LATERAL LOW_PRIORITY NOT ONLY "
                    + "OVERWRITE QUICK TABLE");

    /** What ends a list of tables. */
    private static final Set<String> CLAUSES =
            words("CONNECT EXCEPT FETCH FOR GROUP HAVING INTERSECT LIMIT MINUS OFFSET ORDER QUALIFY "
                    + "RETURNING SET START UNION VALUES WHEN WHERE WINDOW");

    private enum Operation {
        NONE,
        SELECT,
        UPDATE,
        DELETE,
        MERGE,
        DEFINITION,
        OTHER
    }

    /** What is between a pair of parentheses, or outside of all. */
    private static final class Level {
        Operation operation = Operation.NONE;
        /** At the beginning of a statement. */
        boolean begins = true;
        /** Whether any statement may be here, or no other than a query. */
        boolean statement;
        /** A common table expression: another may follow it, and then the statement. */
        boolean common;
        /** The next name is that of a table. */
        boolean expecting;
        /** So is one after a comma. */
        boolean list;
        /** The tables that are read have been named, or are about to be. */
        boolean from;
        /** Nothing is read up to the next statement. */
        boolean ignored;
    }

    private final SqlScanner scanner;
    private final StringBuilder summary = new StringBuilder();
    private final Deque<Level> outer = new ArrayDeque<>();
    private final Set<String> commonTables = new HashSet<>();
    private Level level = new Level();
    private Kind kind = Kind.SPACE;
    private boolean done;
    private int operations;
    private @Nullable String procedure;
    private String previous = "";
    private String beforePrevious = "";

    private QuerySummary(String sql, Dialect dialect) {
        scanner = new SqlScanner(sql, dialect);
    }

    static QuerySummary of(String sql, Dialect dialect) {
        QuerySummary summary = new QuerySummary(sql, dialect);
        summary.level.statement = true;
        summary.advance();
        while (!summary.done && summary.kind != Kind.END && summary.kind != Kind.HIDDEN) {
            summary.step();
        }
        return summary;
    }

    String text() {
        return summary.toString();
    }

    /** What is called, where nothing else is done. */
    @Nullable
    String procedure() {
        return operations == 1 ? procedure : null;
    }

    private void advance() {
        do {
            kind = scanner.next();
        } while (kind == Kind.SPACE);
    }

    private void step() {
        if (kind == Kind.SYMBOL) {
            symbol();
        } else if (!isName()) {
            level.expecting = false;
            level.begins = false;
            advance();
        } else if (level.ignored) {
            advance();
        } else if (level.expecting) {
            table();
        } else if (kind == Kind.WORD) {
            word();
        } else {
            level.begins = false;
            name();
        }
    }

    private void symbol() {
        if (scanner.is('(')) {
            open();
        } else if (scanner.is(')')) {
            advance();
            close();
        } else if (scanner.is(';')) {
            if (outer.isEmpty()) {
                level = new Level();
                level.statement = true;
            }
            advance();
        } else {
            if (scanner.is(',') && level.list) {
                level.expecting = true;
            }
            advance();
        }
    }

    private void open() {
        if (outer.size() == DEEPEST) {
            done = true;
            return;
        }
        Level inner = new Level();
        inner.ignored = level.ignored;
        inner.expecting = level.expecting;
        inner.list = level.expecting;
        level.expecting = false;
        level.begins = false;
        outer.push(level);
        level = inner;
        advance();
    }

    private void close() {
        if (outer.isEmpty()) {
            return;
        }
        boolean common = level.common;
        level = outer.pop();
        if (common) {
            if (scanner.is(',')) {
                advance();
                commonTable();
            } else {
                level.begins = true;
            }
        }
    }

    private void skipParentheses() {
        int open = 0;
        do {
            if (scanner.is('(')) {
                open++;
            } else if (scanner.is(')')) {
                open--;
            }
            advance();
        } while (open > 0 && kind != Kind.END && kind != Kind.HIDDEN);
    }

    private void word() {
        String word = upper();
        boolean begins = level.begins;
        level.begins = false;
        boolean compares = previous.equals("DISTINCT") && (beforePrevious.equals("IS") || beforePrevious.equals("NOT"));
        beforePrevious = previous;
        previous = word;
        switch (word) {
            case "SELECT" -> operation(Operation.SELECT, false);
            case "FROM" -> {
                boolean reads = level.operation == Operation.SELECT
                        || level.operation == Operation.UPDATE
                        || level.operation == Operation.DELETE;
                tables(reads && !compares && !level.from);
            }
            case "USING" -> {
                advance();
                boolean reads =
                        level.operation == Operation.MERGE || (level.operation == Operation.DELETE && !scanner.is('('));
                if (reads && level.list) {
                    level.expecting = true;
                }
            }
            case "JOIN", "STRAIGHT_JOIN", "APPLY" -> {
                level.expecting = level.list;
                advance();
            }
            case "AS" -> {
                level.begins = level.operation == Operation.DEFINITION;
                advance();
            }
            case "WITH" -> {
                advance();
                if (begins) {
                    if (scanner.is("recursive")) {
                        advance();
                    }
                    commonTable();
                }
            }
            default -> {
                if (CLAUSES.contains(word)) {
                    level.list = false;
                }
                if (begins) {
                    first(word);
                } else {
                    name();
                }
            }
        }
    }

    private void tables(boolean expected) {
        if (expected) {
            level.from = true;
            level.list = true;
            level.expecting = true;
        }
        advance();
    }

    /** The first word of a statement, other than SELECT and WITH. */
    private void first(String word) {
        if (!level.statement) {
            name();
            return;
        }
        switch (word) {
            case "INSERT", "REPLACE", "UPSERT" -> changing(Operation.OTHER);
            case "MERGE" -> changing(Operation.MERGE);
            case "UPDATE" -> changing(Operation.UPDATE);
            case "DELETE" -> {
                changing(Operation.DELETE);
                if (scanner.is("from")) {
                    tables(true);
                }
            }
            case "CALL", "EXEC", "EXECUTE" -> call();
            case "CREATE", "ALTER", "DROP", "TRUNCATE" -> definition(word);
            case "EXPLAIN" -> {
                operation(Operation.NONE, false);
                while (scanner.is("analyze") || scanner.is("verbose") || scanner.is("plan") || scanner.is("for")) {
                    advance();
                }
                if (scanner.is('(')) {
                    skipParentheses();
                }
                level.begins = true;
            }
            default -> {
                if (COMMANDS.contains(word)) {
                    operation(Operation.OTHER, false);
                }
                done |= BODIES.contains(word);
                level.ignored = true;
            }
        }
    }

    private void changing(Operation operation) {
        operation(operation, true);
        if (scanner.is("or")) { // INSERT OR REPLACE INTO, as SQLite has it
            advance();
            advance();
        }
        if (scanner.is("top")) { // DELETE TOP (5) FROM, as SQL Server has it
            advance();
            if (scanner.is('(')) {
                skipParentheses();
            } else {
                advance();
            }
        }
        level.list = operation != Operation.OTHER;
    }

    private void call() {
        operation(Operation.OTHER, false);
        if (scanner.is('@')) { // EXEC @result = name, as SQL Server has it
            while (kind != Kind.END && kind != Kind.HIDDEN && !scanner.is('=')) {
                advance();
            }
            advance();
        }
        if (scanner.is("procedure") || scanner.is("function")) { // as Firebird and Informix have it
            advance();
        }
        if (isName() && !scanner.is("immediate")) {
            procedure = name();
            emit(procedure);
        }
        level.ignored = true;
    }

    private void definition(String verb) {
        operation(Operation.DEFINITION, false);
        if (verb.equals("TRUNCATE")) {
            if (scanner.is("table")) {
                emit(scanner.text());
                advance();
            }
            level.list = true;
            level.expecting = true;
            return;
        }
        for (int i = 0; i < MOST_MODIFIERS && kind == Kind.WORD && !isType(); i++) {
            if (scanner.is("materialized")) {
                emit(scanner.text());
            }
            advance();
        }
        if (kind != Kind.WORD || !isType()) {
            level.ignored = true;
            return;
        }
        String type = upper();
        emit(scanner.text());
        advance();
        if (UNNAMED.contains(type)) {
            level.ignored = true;
            return;
        }
        level.list = verb.equals("DROP");
        while (kind == Kind.WORD && BEFORE_NAME.contains(upper())) {
            advance();
        }
        if (isName() && !scanner.is("on")) {
            emit(name());
        }
        done |= ROUTINES.contains(type);
        level.ignored = verb.equals("ALTER");
    }

    private boolean isType() {
        return NAMED.contains(upper()) || UNNAMED.contains(upper());
    }

    /** The name of a common table expression, which is no table, up to the parenthesis of its query. */
    private void commonTable() {
        if (!isName()) {
            return;
        }
        commonTables.add(name().toUpperCase(Locale.ROOT));
        if (scanner.is('(')) {
            skipParentheses();
        }
        while (scanner.is("as") || scanner.is("not") || scanner.is("materialized")) {
            advance();
        }
        if (scanner.is('(')) {
            open();
            level.statement = true;
            level.common = true;
        }
    }

    private void operation(Operation operation, boolean expecting) {
        operations++;
        emit(scanner.text());
        level.operation = operation;
        level.from = false;
        level.list = false;
        level.expecting = expecting;
        advance();
    }

    private void table() {
        if (kind == Kind.WORD) {
            String word = upper();
            if (BEFORE_NAME.contains(word)) {
                advance();
                return;
            }
            if (word.equals("SELECT") || word.equals("WITH") || CLAUSES.contains(word)) {
                level.expecting = false;
                return;
            }
        }
        level.expecting = false;
        level.begins = false;
        String name = name();
        if (!commonTables.contains(name.toUpperCase(Locale.ROOT))) {
            emit(name);
        }
    }

    private static Set<String> words(String words) {
        return Set.of(words.split(" ", -1));
    }

    private boolean isName() {
        return kind == Kind.WORD || kind == Kind.QUOTED;
    }

    /** Reads a name of one or more parts. */
    private String name() {
        String first = scanner.text();
        advance();
        if (!scanner.is('.')) {
            return first;
        }
        StringBuilder name = new StringBuilder(first);
        while (scanner.is('.')) {
            advance();
            name.append('.');
            if (isName()) {
                name.append(name.length() <= LONGEST ? scanner.text() : "");
                advance();
            }
        }
        return name.toString();
    }

    private String upper() {
        return scanner.end() - scanner.start() > 20 ? "" : scanner.text().toUpperCase(Locale.ROOT);
    }

    private void emit(String part) {
        if (summary.length() + 1 + part.length() > LONGEST) {
            done = true;
            return;
        }
        if (summary.length() > 0) {
            summary.append(' ');
        }
        summary.append(part);
    }
}
