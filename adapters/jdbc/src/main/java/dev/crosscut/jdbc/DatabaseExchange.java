package dev.crosscut.jdbc;

import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Exchange;
import dev.crosscut.core.Outcome;
import java.lang.reflect.Method;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One execution of a statement. What its text says is looked at only where somebody asks. */
final class DatabaseExchange extends Exchange {

    private static final int NO_BATCH = -1;

    private final Database database;
    private final Method method;
    private final @Nullable String text;
    private final boolean prepared;
    private final boolean callable;
    private final List<String> texts;
    private final int batch;
    private @Nullable Crosscut crosscut;
    private volatile @Nullable Query query;
    private volatile @Nullable Throwable failure;

    private DatabaseExchange(
            Database database,
            Method method,
            @Nullable String text,
            boolean prepared,
            boolean callable,
            List<String> texts,
            int batch) {
        super(Kind.CLIENT);
        this.database = database;
        this.method = method;
        this.text = text;
        this.prepared = prepared;
        this.callable = callable;
        this.texts = texts;
        this.batch = batch;
    }

    static DatabaseExchange ofText(Database database, Method method, String text) {
        return new DatabaseExchange(database, method, text, false, false, List.of(), NO_BATCH);
    }

    static DatabaseExchange ofPrepared(Database database, Method method, @Nullable String text, boolean callable) {
        return new DatabaseExchange(database, method, text, true, callable, List.of(), NO_BATCH);
    }

    static DatabaseExchange ofBatch(
            Database database, Method method, @Nullable String text, boolean callable, int size) {
        return new DatabaseExchange(database, method, text, true, callable, List.of(), size);
    }

    static DatabaseExchange ofBatch(Database database, Method method, List<String> texts) {
        return new DatabaseExchange(database, method, null, false, false, texts, texts.size());
    }

    /** Whether the exchange within which this one would begin is the same execution, one of a DataSource around this one. */
    @SuppressWarnings("ReferenceEquality") // one and the same pipeline
    boolean isSeenAlready(@Nullable Exchange current, Crosscut pipeline) {
        return current instanceof DatabaseExchange outer
                && outer.crosscut == pipeline
                && outer.method.getName().equals(method.getName())
                && outer.batch == batch
                && Objects.equals(outer.text, text)
                && outer.texts.equals(texts);
    }

    void begunFor(Crosscut pipeline) {
        crosscut = pipeline;
    }

    boolean isBatch() {
        return batch != NO_BATCH;
    }

    void failed(Throwable error) {
        failure = error;
    }

    @Override
    public String protocol() {
        return "db";
    }

    /** What the conventions name a span: what the query does, otherwise where. */
    @Override
    public String operation() {
        String summary = known().summary();
        return summary.isEmpty() ? database.location().system() : summary;
    }

    @Override
    public Optional<Object> attribute(String name) {
        return Optional.ofNullable(value(name));
    }

    private @Nullable Object value(String name) {
        Location location = database.location();
        return switch (name) {
            case "db.system.name" -> location.system();
            case "db.namespace" -> location.namespace();
            case "db.query.summary" -> present(known().summary());
            case "db.query.text" -> callable && known().procedure() != null ? null : present(known().text());
            case "db.stored_procedure.name" -> known().procedure();
            case "db.operation.batch.size" -> batch == NO_BATCH || batch == 1 ? null : (long) batch;
            case "db.response.status_code" -> status(failure).orElse(null);
            case "server.address" -> location.address();
            case "server.port" -> location.port() == 0 ? null : (long) location.port();
            default -> null;
        };
    }

    private static @Nullable String present(String text) {
        return text.isEmpty() ? null : text;
    }

    private Optional<String> status(@Nullable Throwable error) {
        return error instanceof SQLException answer
                ? database.location().product().status(answer)
                : Optional.empty();
    }

    /**
     * The status code of the database, otherwise the class of the exception, or of the one that a {@link SQLException}
     * without a code is about (error.type of the conventions for database clients).
     */
    @Override
    public Optional<String> errorType(Outcome outcome) {
        if (!(outcome instanceof Outcome.Failed failed)) {
            return super.errorType(outcome);
        }
        Throwable error = failed.error();
        return status(error).or(() -> {
            Throwable cause = error instanceof SQLException ? error.getCause() : null;
            return Optional.of((cause == null ? error : cause).getClass().getName());
        });
    }

    private Query known() {
        Query known = query;
        if (known == null) {
            known = read();
            query = known;
        }
        return known;
    }

    private Query read() {
        if (batch != NO_BATCH && !prepared) {
            return texts.size() == 1
                    ? Query.of(texts.get(0), database.dialect())
                    : Query.ofBatch(texts, database.dialect());
        }
        if (text == null) {
            return new Query("", "", null);
        }
        Query single = prepared ? database.prepared(text) : Query.of(text, database.dialect());
        return batch == NO_BATCH || batch == 1 ? single : single.batched();
    }
}
