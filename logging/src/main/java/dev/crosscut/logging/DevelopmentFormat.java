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
 */
final class DevelopmentFormat implements Format {

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("HH:mm:ss.SSS").withZone(ZoneId.systemDefault());
    private static final int LOGGER_WIDTH = 32;
    private static final int LEVEL_WIDTH = 5;

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
        this.hasColour = hasColour;
    }

    private static boolean isSet(@Nullable String variable) {
        return variable != null && !variable.isEmpty();
    }

    @Override
    public void write(ILoggingEvent event, LineBuffer line) {
        Map<String, String> mdc = event.getMDCPropertyMap();
        ExchangeFields fields = ExchangeFields.of(event, mdc);
        boolean isAccess = AccessLine.LOGGER.equals(event.getLoggerName());
        StringBuilder text = new StringBuilder(256);
        writeHead(event.getInstant(), event.getLevel(), event.getLoggerName(), text);
        Object id = fields.byName().get(ExchangeFields.CORRELATION_ID);
        if (id != null) {
            writeIn(DIM, Texts.printable(Values.text(id)), text);
            text.append("  ");
        }
        text.append(safe(event.getFormattedMessage()));
        fields.byName().forEach((name, value) -> {
            if (!name.equals(ExchangeFields.CORRELATION_ID)) {
                writeField(name, value, isAccess, text);
            }
        });
        List<KeyValuePair> pairs = event.getKeyValuePairs();
        if (pairs != null) {
            pairs.forEach(pair -> writeField(String.valueOf(pair.key), pair.value, isAccess, text));
        }
        List<Marker> markers = event.getMarkerList();
        if (markers != null) {
            markers.forEach(marker -> writeIn(CYAN, "  #" + safe(Values.text(marker)), text));
        }
        MdcFields.entries(mdc).forEach((name, value) -> {
            if (!MdcFields.isOfExchange(name, mdc, fields)) {
                writeField(String.valueOf(name), value, isAccess, text);
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
            @Nullable Instant instant, @Nullable Level level, @Nullable String logger, StringBuilder text) {
        writeIn(DIM, TIME.format(instant == null ? Instant.now() : instant), text);
        text.append(' ');
        writeIn(colour(level), padded(String.valueOf(level), LEVEL_WIDTH), text);
        text.append(' ');
        writeIn(CYAN, padded(Texts.printable(fitting(String.valueOf(logger))), LOGGER_WIDTH), text);
        text.append("  ");
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

    private void writeField(String name, @Nullable Object value, boolean isAccess, StringBuilder text) {
        if (isAccess && IN_ACCESS_MESSAGE.contains(name)) {
            return;
        }
        String shown = masking.hides(name) ? Masking.MASK : safe(value == null ? "null" : Values.text(value));
        boolean isWord = shown.indexOf(' ') < 0 && shown.indexOf('"') < 0 && !shown.isEmpty();
        text.append("  ");
        writeIn(DIM, safe(name) + "=", text);
        text.append(isWord ? shown : '"' + shown.replace("\"", "\\\"") + '"');
    }

    private String safe(@Nullable String text) {
        if (text == null) {
            return "";
        }
        return Texts.printable(Texts.beginning(masking.beginning(text, longest), longest));
    }

    @Override
    public void writeFault(ILoggingEvent event, Throwable fault, LineBuffer line) {
        StringBuilder text = new StringBuilder(256);
        writeHead(null, Level.ERROR, null, text);
        text.append("an event could not be written: ")
                .append(safe(Values.text(fault)))
                .append('\n');
        line.raw(text.toString().getBytes(StandardCharsets.UTF_8));
    }
}
