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

    private static final int LONGEST_TRACE_ID = 32;

    private MdcFields() {}

    /** Adds what correlates. */
    static void addCorrelating(@Nullable Map<String, String> mdc, ExchangeFields exchange, UserFields fields) {
        Map<String, String> entries = entries(mdc);
        if (entries.isEmpty()) {
            return;
        }
        String id = isCopy(mdc, exchange) ? entries.get(ExchangeFields.CORRELATION_ID) : null;
        if (id != null) {
            fields.addCorrelating(fields.names().ofMdc(ExchangeFields.CORRELATION_ID), id);
        }
        for (int i = 0; i < TRACES.size(); i++) {
            String value = entries.get(TRACES.get(i));
            if (value != null) {
                fields.addCorrelating(
                        fields.names().ofMdc(TRACES.get(i)), isHex(value) ? value : fields.maskedText(value));
            }
        }
    }

    /** As tracers make their ids; some are digits only, and might be taken for the number of a card. */
    private static boolean isHex(String value) {
        return value.length() <= LONGEST_TRACE_ID && value.chars().allMatch(c -> Character.digit(c, 16) >= 0);
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
                String shown = fields.masked(name);
                fields.addUnlessTaken(name, isCopy ? names.ofKey(shown) : names.ofMdc(shown), value);
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
