package dev.crosscut.logging;

import ch.qos.logback.classic.spi.ILoggingEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.StringJoiner;
import net.logstash.logback.argument.StructuredArgument;
import net.logstash.logback.argument.StructuredArguments;
import net.logstash.logback.marker.LogstashMarker;
import net.logstash.logback.marker.SingleFieldAppendingMarker;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.KeyValuePair;
import org.slf4j.helpers.MessageFormatter;

/**
 * The messages of events, in which a structured argument shows no more than the fields that it makes: what is hidden in
 * them by names and places would otherwise be there as plain text, without its name.
 *
 * <p>Where nothing is hidden the message is the event's own, which may have been made before what was logged has changed. An
 * event without structured arguments costs a look at its arguments.
 */
final class Messages {

    private final Values values;

    Messages(Values values) {
        this.values = values;
    }

    @Nullable
    String of(ILoggingEvent event) {
        Object[] arguments = event.getArgumentArray();
        Object[] shown = null;
        for (int i = 0; arguments != null && i < arguments.length; i++) {
            Optional<String> hidden = isStructured(arguments[i]) && arguments[i] instanceof StructuredArgument argument
                    ? masked(argument)
                    : Optional.empty();
            if (hidden.isPresent()) {
                shown = shown == null ? arguments.clone() : shown;
                shown[i] = hidden.get();
            }
        }
        return shown == null
                ? event.getFormattedMessage()
                : MessageFormatter.arrayFormat(event.getMessage(), shown).getMessage();
    }

    /**
     * Whether an argument writes fields. That a class lacks an interface takes the JVM longer to see than all else about a
     * plain argument, so those are told by their class.
     */
    static boolean isStructured(@Nullable Object argument) {
        boolean isPlain = argument instanceof String || argument instanceof Number;
        return !isPlain && argument instanceof StructuredArgument;
    }

    /** The text of an argument in which something is hidden; empty where nothing is. */
    private Optional<String> masked(StructuredArgument argument) {
        List<KeyValuePair> fields;
        try {
            fields = fields(argument);
        } catch (Throwable e) {
            return Optional.of(values.unwritable(argument, Values.survived(e)));
        }
        List<Values.Shown> shown = fields.stream()
                .map(field -> values.shown(field.key, field.value))
                .toList();
        if (shown.stream().noneMatch(Values.Shown::isMasked)) {
            return Optional.empty();
        }
        if (argument instanceof SingleFieldAppendingMarker single && fields.size() == 1) {
            return Optional.of(masked(single, fields.get(0).value, shown.get(0).text()));
        }
        StringJoiner text = new StringJoiner(", ", "{", "}");
        for (int i = 0; i < shown.size(); i++) {
            text.add(fields.get(i).key + "=" + shown.get(i).text());
        }
        return Optional.of(text.toString());
    }

    private List<KeyValuePair> fields(StructuredArgument argument) {
        if (!(argument instanceof LogstashMarker marker)) {
            return values.fields(argument, argument::writeTo);
        }
        List<KeyValuePair> fields = new ArrayList<>();
        LineMarkers.forEach(List.of(marker), each -> fields.addAll(values.fields(each, each::writeTo)), name -> {});
        return fields;
    }

    /** The argument's text with its value replaced, as far as that can be told; else its name and what replaces it. */
    private static String masked(SingleFieldAppendingMarker argument, @Nullable Object value, String shown) {
        String named = argument.getFieldName() + "=";
        String whole = Values.text(argument);
        String part = StructuredArguments.toString(value);
        if (part.isEmpty() || whole.equals(named + part) || !whole.contains(part)) {
            return named + shown;
        }
        return whole.replace(part, shown);
    }
}
