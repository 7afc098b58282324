package dev.crosscut.logging;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the MDC of an event adds to a line beside the fields of an exchange: what the user, a tracer or another library has
 * put there. A map that is no context of ours may still be a copy of one, with the fields of an exchange that is not to be
 * had any more; those then have the names that they would have had.
 */
final class MdcFields {

    /** The ids of a trace, by the names that libraries have for them; a tracer uses three at most. */
    private static final List<String> TRACES =
            List.of("trace_id", "traceId", "trace.id", "span_id", "spanId", "span.id", "trace_flags");

    private MdcFields() {}

    /** Adds what correlates. */
    static void addCorrelating(@Nullable Map<String, String> mdc, ExchangeFields exchange, UserFields fields) {
        Map<String, String> entries = entries(mdc);
        if (entries.isEmpty()) {
            return;
        }
        if (isCopy(mdc, exchange)) {
            addCorrelating(ExchangeFields.CORRELATION_ID, entries, fields);
        }
        for (int i = 0; i < TRACES.size(); i++) {
            addCorrelating(TRACES.get(i), entries, fields);
        }
    }

    private static void addCorrelating(String key, Map<String, String> entries, UserFields fields) {
        String value = entries.get(key);
        if (value != null) {
            fields.addCorrelating(fields.names().ofMdc(key), value);
        }
    }

    /** Adds the rest, but for what is hidden by a field that is there. */
    static void addOthers(@Nullable Map<String, String> mdc, ExchangeFields exchange, UserFields fields) {
        Map<String, String> entries = entries(mdc);
        if (entries.isEmpty()) {
            return;
        }
        boolean isCopy = isCopy(mdc, exchange);
        Names names = fields.names();
        entries.forEach((key, value) -> {
            String name = String.valueOf(key);
            if (!isOfExchange(name, mdc, exchange)) {
                fields.addUnlessTaken(name, isCopy ? names.ofKey(name) : names.ofMdc(name), value);
            }
        });
    }

    /** What the user has put, and where the map is not ours the fields of the exchange too. */
    static Map<String, String> entries(@Nullable Map<String, String> mdc) {
        if (mdc instanceof LineContext context) {
            return context.users();
        }
        return mdc == null ? Map.of() : mdc;
    }

    /** Whether an entry is a field of the exchange as it was copied. */
    static boolean isOfExchange(String name, @Nullable Map<String, String> mdc, ExchangeFields exchange) {
        return !(mdc instanceof LineContext) && exchange.byName().containsKey(name);
    }

    private static boolean isCopy(@Nullable Map<String, String> mdc, ExchangeFields exchange) {
        return mdc != null
                && !(mdc instanceof LineContext)
                && exchange.byName().isEmpty()
                && mdc.containsKey(ExchangeFields.CORRELATION_ID);
    }
}
