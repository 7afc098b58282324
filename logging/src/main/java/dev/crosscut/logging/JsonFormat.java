package dev.crosscut.logging;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import net.logstash.logback.argument.StructuredArgument;
import org.jspecify.annotations.Nullable;
import org.slf4j.Marker;
import org.slf4j.event.KeyValuePair;

/**
 * Lines that are one JSON object, in the names of a {@link Schema}.
 *
 * <p><strong>Order and precedence.</strong> First our own fields with those of the exchange, then what the line itself
 * carries (key-values, structured arguments, markers), then the user's MDC. Whoever comes later never replaces a field:
 * what the line carries then gets a number after its name; an entry of the MDC is hidden, as an outer scope is by an inner
 * one.
 *
 * <p><strong>Length.</strong> What cannot be shortened has bounds of its own, which together are within the shortest line
 * that can be set. The rest is written as long as it is, though no longer than a line, and {@link Cap} decides between
 * them where together they are too long.
 *
 * <p>Code of users runs only in {@link Values}, where it cannot reach the line.
 */
final class JsonFormat implements Format {

    private static final byte[] END = {'}', '\n'};

    private final Schema schema;
    private final Names names;
    private final Masking masking;
    private final Values values;
    private final Messages messages;
    private final StackTraces stackTraces;
    private final JsonParts parts;
    private final KeyNames keys;
    private final BufferPool blocks = new BufferPool();
    private final Timestamps timestamps = new Timestamps();
    private final int maxLine;
    private final int maxName;

    JsonFormat(FormatSettings settings, Masking masking) {
        this.schema = settings.schema();
        this.names = new Names(schema, settings.renames());
        this.masking = masking;
        this.maxLine = settings.maxLine();
        this.maxName = Math.min(512, maxLine / 32);
        this.values = new Values(masking, schema.isFlat(), maxLine);
        this.messages = new Messages(values);
        this.stackTraces = new StackTraces(settings, masking, false);
        this.parts = new JsonParts(settings, names, values, maxName);
        this.keys = new KeyNames(names, parts, masking, maxLine);
    }

    Names names() {
        return names;
    }

    Masking masking() {
        return masking;
    }

    Values values() {
        return values;
    }

    JsonParts parts() {
        return parts;
    }

    KeyNames keys() {
        return keys;
    }

    /** What the fields of exchanges are written to. */
    BufferPool blocks() {
        return blocks;
    }

    int maxLine() {
        return maxLine;
    }

    /** The most bytes that the fields of an exchange have, without those that correlate. */
    int maxExchange() {
        return maxLine / 4;
    }

    @Override
    public void write(ILoggingEvent event, LineBuffer line) {
        Map<String, String> mdc = event.getMDCPropertyMap();
        ExchangeFields fields = ExchangeFields.of(event, mdc);
        ExchangeBlock exchange = fields == ExchangeFields.NONE ? null : fields.block(this);
        IThrowableProxy thrown = event.getThrowableProxy();

        line.raw(parts.timestamp);
        Instant instant = event.getInstant();
        writeTime(instant == null ? Instant.ofEpochMilli(event.getTimeStamp()) : instant, line);
        line.raw(parts.level(event.getLevel()));
        writeMessage(messages.of(event), line);
        if (exchange != null) {
            line.raw(exchange.json());
        }
        parts.logger.write(event.getLoggerName(), line);
        parts.thread.write(event.getThreadName(), line);
        line.raw(parts.constants);
        if (thrown != null) {
            writeError(thrown, line);
        }
        UserFields users = new UserFields(this, line, exchange, thrown != null);
        MdcFields.addCorrelating(mdc, fields, users);
        writeKeyValues(users, event);
        writeArguments(users, event.getArgumentArray());
        writeMarkers(users, event.getMarkerList());
        MdcFields.addOthers(mdc, fields, users);
        if (exchange != null && exchange.isShortened()) {
            line.markShortened();
        }
        finish(line);
    }

    /**
     * Appends what is never left out. It is not masked: ids are validated or made by tracers, and what looks like a number
     * of a card in one is none.
     */
    void writeCorrelating(LineBuffer line, String name, String value, int bound) {
        line.write(',');
        line.quoted(name);
        line.write(':');
        writeCorrelating(line, value, bound);
    }

    /** The value alone, after its name. */
    void writeCorrelating(LineBuffer line, String value, int bound) {
        line.write('"');
        if (!line.text(value, bound)) {
            line.markShortened();
        }
        line.write('"');
    }

    private void writeTime(Instant instant, LineBuffer line) {
        if (schema == Schema.GELF) {
            line.number(instant.getEpochSecond());
            line.write('.');
            line.digits(instant.getNano() / 1_000_000, 3);
        } else {
            timestamps.append(instant, line);
        }
    }

    private void writeMessage(@Nullable String message, LineBuffer line) {
        String text = message == null ? "" : message;
        if (schema == Schema.GELF && text.isBlank()) {
            text = "-"; // it must not be empty
        }
        int from = line.size();
        masking.write(text, maxLine, maxLine, line);
        if (schema == Schema.GELF && line.size() == from) {
            line.write('-');
        }
        line.part(LineBuffer.MESSAGE, from);
        line.write('"');
    }

    private void writeName(@Nullable String name, LineBuffer line) {
        if (!line.text(name == null ? "" : name, maxName)) {
            line.markShortened();
        }
        line.write('"');
    }

    private void writeError(IThrowableProxy thrown, LineBuffer line) {
        line.raw(parts.errorType);
        writeName(thrown.getClassName(), line);
        if (parts.exceptionType.length > 0) {
            line.raw(parts.exceptionType);
            writeName(thrown.getClassName(), line);
        }
        String message = thrown.getMessage();
        if (message != null) {
            line.raw(parts.errorMessage);
            int from = line.size();
            masking.write(message, maxLine, maxLine, line);
            line.part(LineBuffer.ERROR_MESSAGE, from);
            line.write('"');
        }
        line.raw(parts.stackHash);
        line.ascii(StackHash.of(thrown));
        line.write('"');
        line.raw(parts.stackTrace);
        int from = line.size();
        stackTraces.write(thrown, maxLine, line);
        line.part(LineBuffer.STACK_TRACE, from);
        line.write('"');
    }

    private static void writeKeyValues(UserFields fields, ILoggingEvent event) {
        List<KeyValuePair> pairs = event.getKeyValuePairs();
        if (pairs == null) {
            return;
        }
        boolean isAccess = AccessLine.LOGGER.equals(event.getLoggerName());
        for (KeyValuePair pair : pairs) {
            if (isAccess && pair.key != null) {
                fields.addOfAccess(pair.key, pair.value);
            } else {
                fields.add(pair.key, pair.value);
            }
        }
    }

    private static void writeArguments(UserFields fields, Object @Nullable [] arguments) {
        if (arguments != null) {
            for (Object argument : arguments) {
                if (Messages.isStructured(argument) && argument instanceof StructuredArgument structured) {
                    fields.addAll(structured, structured::writeTo);
                }
            }
        }
    }

    private void writeMarkers(UserFields fields, @Nullable List<Marker> markers) {
        if (markers != null && !markers.isEmpty()) {
            List<String> tags = new ArrayList<>();
            LineMarkers.forEach(markers, marker -> fields.addAll(marker, marker::writeTo), tags::add);
            if (!tags.isEmpty()) {
                fields.addTags(tags);
            }
        }
    }

    private void finish(LineBuffer line) {
        int whole = line.size() + END.length;
        if (whole > maxLine || (line.isShortened() && whole + parts.truncated.length > maxLine)) {
            Cap.shorten(line, whole + parts.truncated.length - maxLine);
        }
        if (line.isShortened()) {
            line.raw(parts.truncated);
        }
        line.raw(END);
    }

    @Override
    public void writeFault(ILoggingEvent event, Throwable fault, LineBuffer line) {
        line.raw(parts.timestamp);
        writeTime(Instant.now(), line);
        line.raw(parts.level(known(event::getLevel)));
        writeMessage(said(() -> messages.of(event)), line);
        Map<String, String> mdc = known(event::getMDCPropertyMap);
        ExchangeFields fields = mdc instanceof LineContext context ? context.exchange() : ExchangeFields.NONE;
        ExchangeBlock exchange = known(() -> fields.block(this));
        UserFields users = new UserFields(this, line, exchange, false);
        if (exchange != null) {
            line.raw(exchange.json());
        }
        known(() -> {
            MdcFields.addCorrelating(mdc, fields, users);
            return users;
        });
        parts.logger.write(said(event::getLoggerName), line);
        parts.thread.write(Thread.currentThread().getName(), line);
        line.raw(parts.constants);
        line.raw(parts.encodingFault);
        masking.write(Values.text(fault), maxLine, maxLine / 16, line);
        line.write('"');
        finish(line);
    }

    private static <T> @Nullable T known(Supplier<@Nullable T> part) {
        try {
            return part.get();
        } catch (RuntimeException | StackOverflowError e) {
            return null;
        }
    }

    private static String said(Supplier<@Nullable String> part) {
        try {
            return String.valueOf(part.get());
        } catch (RuntimeException | StackOverflowError e) {
            return "<" + e.getClass().getName() + ">";
        }
    }
}
