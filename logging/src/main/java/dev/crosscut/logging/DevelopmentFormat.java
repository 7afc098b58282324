package dev.crosscut.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import dev.crosscut.core.Key;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Marker;
import org.slf4j.event.KeyValuePair;

/**
 * Lines for people at a terminal: time, level, logger, correlation id, message, fields, and an exception below. What could
 * begin a line, or show it otherwise than it is, is escaped.
 *
 * <p>Before the message and before the fields is a bar, which is escaped where it is part of either: no message can look as
 * if it had an id or fields. Names and values that are not one word are in quotes; values with fields or elements are JSON.
 */
final class DevelopmentFormat implements Format {

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("HH:mm:ss.SSS").withZone(ZoneId.systemDefault());
    private static final int LOGGER_WIDTH = 32;
    private static final int LEVEL_WIDTH = 5;

    private static final String BAR = "\u2503";
    private static final String ESCAPED_BAR = "\\u2503";

    private static final String RESET = "\u001b[0m";
    private static final String DIM = "\u001b[2m";
    private static final String RED = "\u001b[31m";
    private static final String GREEN = "\u001b[32m";
    private static final String YELLOW = "\u001b[33m";
    private static final String CYAN = "\u001b[36m";

    /** Fields of an access line that its message has. */
    private static final Set<String> IN_ACCESS_MESSAGE = Set.of(
            "event.action",
            "event.duration",
            "event.outcome",
            "http.request.body.bytes",
            "http.request.method",
            "http.response.body.bytes",
            "http.response.status_code",
            "operation",
            "outcome",
            "status_code",
            "url.path",
            Key.ROUTE.name());

    private final Masking masking;
    private final Values values;
    private final Messages messages;
    private final StackTraces stackTraces;
    private final int longest;
    private final boolean hasColour;

    DevelopmentFormat(FormatSettings settings, Masking masking) {
        this(settings, masking, !isSet(System.getenv("NO_COLOR")));
    }

    DevelopmentFormat(FormatSettings settings, Masking masking, boolean hasColour) {
        this.masking = masking;
        this.stackTraces = new StackTraces(settings, masking, true);
        this.longest = settings.maxLine();
        this.values = new Values(masking, false, longest);
        this.messages = new Messages(values);
        this.hasColour = hasColour;
    }

    private static boolean isSet(@Nullable String variable) {
        return variable != null && !variable.isEmpty();
    }

    @Override
    public void write(ILoggingEvent event, LineBuffer line) {
        Map<String, String> mdc = event.getMDCPropertyMap();
        ExchangeFields exchange = ExchangeFields.of(event, mdc);
        StringBuilder text = new StringBuilder(256);
        Object id = exchange.byName().get(ExchangeFields.CORRELATION_ID);
        writeHead(event.getInstant(), event.getLevel(), event.getLoggerName(), id, text);
        text.append(printable(masked(messages.of(event))));
        Fields fields = new Fields(text, AccessLine.LOGGER.equals(event.getLoggerName()));
        exchange.byName().forEach((name, value) -> {
            if (!name.equals(ExchangeFields.CORRELATION_ID)) {
                fields.add(name, value);
            }
        });
        List<KeyValuePair> pairs = event.getKeyValuePairs();
        if (pairs != null) {
            pairs.forEach(pair -> fields.add(String.valueOf(pair.key), pair.value));
        }
        List<Marker> markers = event.getMarkerList();
        if (markers != null) {
            LineMarkers.forEach(
                    markers,
                    marker -> values.fieldsOrText(marker, marker::writeTo)
                            .forEach(field -> fields.add(field.key, field.value)),
                    fields::addTag);
        }
        MdcFields.entries(mdc).forEach((name, value) -> {
            if (!MdcFields.isOfExchange(name, mdc, exchange)) {
                fields.add(String.valueOf(name), value);
            }
        });
        text.append('\n');
        IThrowableProxy thrown = event.getThrowableProxy();
        if (thrown != null) {
            String trace = stackTraces.text(thrown);
            text.append(trace).append(trace.endsWith("\n") ? "" : "\n");
        }
        line.raw(text.toString().getBytes(StandardCharsets.UTF_8));
    }

    private void writeHead(
            @Nullable Instant instant,
            @Nullable Level level,
            @Nullable String logger,
            @Nullable Object id,
            StringBuilder text) {
        writeIn(DIM, TIME.format(instant == null ? Instant.now() : instant), text);
        text.append(' ');
        writeIn(colour(level), padded(String.valueOf(level), LEVEL_WIDTH), text);
        text.append(' ');
        writeIn(CYAN, padded(printable(fitting(String.valueOf(logger))), LOGGER_WIDTH), text);
        if (id != null) {
            text.append("  ");
            writeIn(DIM, printable(Values.text(id)), text);
        }
        writeBar(text);
    }

    private void writeBar(StringBuilder text) {
        text.append(' ');
        writeIn(DIM, BAR, text);
        text.append(' ');
    }

    /** The name of a logger, with packages abbreviated where it is too long. */
    private static String fitting(String logger) {
        String shown = logger.length() <= LOGGER_WIDTH ? logger : StackTraces.abbreviated(logger);
        return shown.length() <= LOGGER_WIDTH ? shown : shown.substring(shown.length() - LOGGER_WIDTH);
    }

    private static String padded(String text, int width) {
        return text + " ".repeat(Math.max(0, width - text.length()));
    }

    private static String colour(@Nullable Level level) {
        if (level == null || level.toInt() < Level.INFO_INT) {
            return DIM;
        }
        return level.toInt() < Level.WARN_INT ? GREEN : level.toInt() < Level.ERROR_INT ? YELLOW : RED;
    }

    private void writeIn(String colour, String shown, StringBuilder text) {
        if (hasColour) {
            text.append(colour).append(shown).append(RESET);
        } else {
            text.append(shown);
        }
    }

    /** The fields of one line in the making. */
    private final class Fields {

        private final StringBuilder text;
        private final boolean isAccess;
        private boolean isFirst = true;

        Fields(StringBuilder text, boolean isAccess) {
            this.text = text;
            this.isAccess = isAccess;
        }

        void add(String name, @Nullable Object value) {
            if (isAccess && IN_ACCESS_MESSAGE.contains(name)) {
                return;
            }
            begin();
            writeIn(DIM, word(masked(name)) + "=", text);
            Values.Shown shown = values.shown(name, value);
            text.append(shown.isJson() ? printable(shown.text()) : word(masked(shown.text())));
        }

        void addTag(String name) {
            begin();
            writeIn(CYAN, "#" + word(masked(name)), text);
        }

        private void begin() {
            if (isFirst) {
                writeBar(text);
            } else {
                text.append("  ");
            }
            isFirst = false;
        }
    }

    private String masked(@Nullable String text) {
        return text == null ? "" : Texts.beginning(masking.beginning(text, longest), longest);
    }

    private static String printable(String text) {
        return Texts.printable(text).replace(BAR, ESCAPED_BAR);
    }

    /** A text as one word: in quotes unless it is one. */
    private static String word(String text) {
        return isWord(text)
                ? printable(text)
                : '"' + printable(text.replace("\\", "\\\\").replace("\"", "\\\"")) + '"';
    }

    private static boolean isWord(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '=' || c == '"' || c == '\\' || Character.isWhitespace(c) || Character.isSpaceChar(c)) {
                return false;
            }
        }
        return !text.isEmpty();
    }

    @Override
    public void writeFault(ILoggingEvent event, Throwable fault, LineBuffer line) {
        StringBuilder text = new StringBuilder(256);
        writeHead(null, Level.ERROR, null, null, text);
        text.append("an event could not be written: ")
                .append(printable(masked(Values.text(fault))))
                .append('\n');
        line.raw(text.toString().getBytes(StandardCharsets.UTF_8));
    }
}
