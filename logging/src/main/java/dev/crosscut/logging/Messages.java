package dev.crosscut.logging;

import ch.qos.logback.classic.spi.ILoggingEvent;
import java.util.ArrayList;
import java.util.List;
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
 * <p>An argument in which nothing is hidden has its own text. An event without one costs a look at its arguments.
 */
final class Messages {

    private final Values values;

    Messages(Values values) {
        this.values = values;
    }

    @Nullable
    String of(ILoggingEvent event) {
        Object[] arguments = event.getArgumentArray();
        if (arguments != null) {
            for (Object argument : arguments) {
                if (isStructured(argument)) {
                    return MessageFormatter.arrayFormat(event.getMessage(), shown(arguments))
                            .getMessage();
                }
            }
        }
        return event.getFormattedMessage();
    }

    /**
     * Whether an argument writes fields. That a class lacks an interface takes the JVM longer to see than all else about a
     * plain argument, so those are told by their class.
     */
    static boolean isStructured(@Nullable Object argument) {
        boolean isPlain = argument instanceof String || argument instanceof Number;
        return !isPlain && argument instanceof StructuredArgument;
    }

    private Object[] shown(Object[] arguments) {
        Object[] shown = new Object[arguments.length];
        for (int i = 0; i < arguments.length; i++) {
            shown[i] = arguments[i] instanceof StructuredArgument structured ? new Shown(structured) : arguments[i];
        }
        return shown;
    }

    /** Asked for its text where the message has a place for it. */
    private final class Shown {

        private final StructuredArgument argument;

        Shown(StructuredArgument argument) {
            this.argument = argument;
        }

        @Override
        public String toString() {
            List<KeyValuePair> fields;
            try {
                fields = fields(argument);
            } catch (Throwable e) {
                return values.unwritable(argument, Values.survived(e));
            }
            List<Values.Shown> shown = fields.stream()
                    .map(field -> values.shown(field.key, field.value))
                    .toList();
            if (shown.stream().noneMatch(Values.Shown::isMasked)) {
                return Values.text(argument);
            }
            if (argument instanceof SingleFieldAppendingMarker single && fields.size() == 1) {
                return masked(single, fields.get(0).value, shown.get(0).text());
            }
            StringJoiner text = new StringJoiner(", ", "{", "}");
            for (int i = 0; i < shown.size(); i++) {
                text.add(fields.get(i).key + "=" + shown.get(i).text());
            }
            return text.toString();
        }
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
