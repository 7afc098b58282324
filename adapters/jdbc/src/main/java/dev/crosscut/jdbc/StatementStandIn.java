package dev.crosscut.jdbc;

import dev.crosscut.core.Call;
import dev.crosscut.core.Exchange;
import dev.crosscut.core.Outcome;
import dev.crosscut.core.RefusedException;
import dev.crosscut.core.Reply;
import dev.crosscut.core.Scope;
import java.lang.reflect.Method;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLNonTransientException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A statement of any kind, each execution of which is an exchange. As unsafe for use by several threads as statements are. */
final class StatementStandIn extends StandIn {

    private final Connection connection;
    private final ConnectionStandIn ofConnection;
    private final boolean isPrepared;
    private final boolean callable;

    /** What was prepared, where that is known. */
    private final @Nullable String prepared;

    /** How often the prepared text is in the batch. */
    private int batched;

    /** The texts in the batch of a statement that was not prepared. */
    private List<String> batch = List.of();

    StatementStandIn(
            Statement statement, Connection connection, ConnectionStandIn ofConnection, @Nullable String prepared) {
        super(statement);
        this.connection = connection;
        this.ofConnection = ofConnection;
        this.prepared = prepared;
        this.isPrepared = statement instanceof PreparedStatement;
        this.callable = statement instanceof CallableStatement;
    }

    @Override
    @Nullable
    Object called(Object self, Method method, Object[] arguments) throws Throwable {
        String text = arguments.length > 0 && arguments[0] instanceof String given ? given : null;
        switch (method.getName()) {
            case "execute", "executeQuery", "executeUpdate", "executeLargeUpdate" -> {
                Database database = ofConnection.database();
                return execute(
                        text == null
                                ? DatabaseExchange.ofPrepared(database, method, prepared, callable)
                                : DatabaseExchange.ofText(database, method, text),
                        self,
                        method,
                        arguments);
            }
            case "executeBatch", "executeLargeBatch" -> {
                Database database = ofConnection.database();
                return execute(
                        isPrepared
                                ? DatabaseExchange.ofBatch(database, method, prepared, callable, batched)
                                : DatabaseExchange.ofBatch(database, method, batch),
                        self,
                        method,
                        arguments);
            }
            case "addBatch" -> {
                Object result = pass(method, arguments);
                add(text);
                return result;
            }
            case "clearBatch" -> {
                Object result = pass(method, arguments);
                clear();
                return result;
            }
            case "getConnection" -> {
                Object result = pass(method, arguments);
                return result instanceof Connection ? connection : result;
            }
            case "getResultSet", "getGeneratedKeys" -> {
                return standIn((Statement) self, pass(method, arguments));
            }
            default -> {
                return pass(method, arguments);
            }
        }
    }

    private void add(@Nullable String text) {
        if (text == null) {
            batched++;
        } else {
            if (batch.isEmpty()) {
                batch = new ArrayList<>();
            }
            batch.add(text);
        }
    }

    private void clear() {
        batched = 0;
        batch = List.of();
    }

    private static @Nullable Object standIn(Statement self, @Nullable Object result) {
        return result instanceof ResultSet rows ? new ResultSetStandIn(rows, self) : result;
    }

    private @Nullable Object execute(DatabaseExchange exchange, Object self, Method method, Object[] arguments)
            throws Throwable {
        if (exchange.isSeenAlready(
                Exchange.current().orElse(null), ofConnection.standIns().crosscut())) {
            return standIn((Statement) self, run(exchange, method, arguments));
        }
        exchange.begunFor(ofConnection.standIns().crosscut());
        Call call = ofConnection.standIns().crosscut().begin(exchange);
        Optional<Reply> answer = call.answer();
        if (answer.isPresent()) {
            call.end(Outcome.completed());
            throw refused(exchange, answer.get());
        }
        Object result;
        try (Scope scope = call.attach()) {
            result = run(exchange, method, arguments);
        } catch (Throwable e) {
            exchange.failed(e);
            call.end(Outcome.failed(e));
            throw e;
        }
        Optional<Reply> refusal;
        try {
            refusal = call.settle(Outcome.completed());
        } finally {
            call.end(Outcome.completed());
        }
        if (refusal.isPresent()) {
            throw withheld(refused(exchange, refusal.get()), result);
        }
        return standIn((Statement) self, result);
    }

    /** A batch is empty once it was executed, whatever came of it. */
    private @Nullable Object run(DatabaseExchange exchange, Method method, Object[] arguments) throws Throwable {
        if (exchange.isBatch()) {
            clear();
        }
        return pass(method, arguments);
    }

    private static SQLException refused(Exchange exchange, Reply reply) {
        RefusedException refused = new RefusedException(exchange, reply);
        return new SQLNonTransientException(refused.getMessage(), refused);
    }

    private static SQLException withheld(SQLException refused, @Nullable Object result) {
        if (result instanceof ResultSet rows) {
            try {
                rows.close();
            } catch (Throwable e) {
                refused.addSuppressed(e);
            }
        }
        return refused;
    }
}
