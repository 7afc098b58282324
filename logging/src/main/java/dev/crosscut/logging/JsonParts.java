package dev.crosscut.logging;

import ch.qos.logback.classic.Level;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What lines of one format have in common, as bytes that were made once. Immutable but for the names that are
 * kept; safe for use by several threads.
 */
final class JsonParts {

    /** The fields that are the same on each line have this part of it at most. */
    static final int CONSTANTS_SHARE = 8;

    private static final int LEVEL_STEP = 10_000;
    private static final byte[] NONE = {};

    private final Schema schema;
    private final Names names;
    private final int maxName;
    private final byte[][] levels = new byte[5][];
    private final Set<String> constantNames = new HashSet<>();
    private final boolean areAllConstantsThere;

    final byte[] timestamp;
    final KeptNames logger;
    final KeptNames thread;
    final byte[] constants;
    final byte[] errorType;
    final byte[] exceptionType;
    final byte[] errorMessage;
    final byte[] stackHash;
    final byte[] stackTrace;
    final byte[] truncated;
    final byte[] encodingFault;

    /** The names in it are cut to a number of bytes. */
    JsonParts(FormatSettings settings, Names names, Values values, int maxName) {
        this.schema = settings.schema();
        this.names = names;
        this.maxName = maxName;
        this.timestamp = LineBuffer.encoded("{\"", names.of(Field.TIMESTAMP), schema == Schema.GELF ? "\":" : "\":\"");
        for (int i = 0; i < levels.length; i++) {
            levels[i] = level(Level.toLevel(i == 0 ? Level.TRACE_INT : i * LEVEL_STEP));
        }
        this.logger = new KeptNames(begin(Field.LOGGER), maxName);
        this.thread = new KeptNames(begin(Field.THREAD), maxName);
        this.errorType = begin(Field.ERROR_TYPE);
        this.exceptionType = begin(Field.EXCEPTION_TYPE);
        this.errorMessage = begin(Field.ERROR_MESSAGE);
        this.stackHash = begin(Field.STACK_HASH);
        this.stackTrace = begin(Field.STACK_TRACE);
        this.encodingFault = begin(Field.ENCODING_FAULT);
        this.truncated =
                LineBuffer.encoded(",\"", names.of(Field.TRUNCATED), schema.isFlat() ? "\":\"true\"" : "\":true");
        LineBuffer part = new LineBuffer();
        writeConstants(settings, values, part);
        this.constants = part.toByteArray();
        this.areAllConstantsThere = !part.isShortened();
    }

    private byte[] begin(Field field) {
        String name = names.of(field);
        return name.isEmpty() ? NONE : LineBuffer.encoded(",\"", name, "\":\"");
    }

    private void writeConstants(FormatSettings settings, Values values, LineBuffer part) {
        int bound = settings.maxLine() / CONSTANTS_SHARE;
        Service service = settings.service();
        schema.constants().forEach((name, value) -> writeConstant(name, value, values, part, bound));
        if (schema == Schema.GELF) {
            writeConstant("host", service.host(), values, part, bound);
        }
        service.values().forEach((field, value) -> writeConstant(names.of(field), value, values, part, bound));
        settings.fields().forEach((name, value) -> {
            String free = Names.free(names.ofUser(name), taken -> names.isOurs(taken) || constantNames.contains(taken));
            writeConstant(free, value, values, part, bound);
        });
    }

    private void writeConstant(String name, String value, Values values, LineBuffer part, int bound) {
        if (values.write(part, name, name, value, bound - part.size())) {
            constantNames.add(name);
        }
    }

    /** Whether the constant fields were within their bound. */
    boolean areAllConstantsThere() {
        return areAllConstantsThere;
    }

    /** From the end of the timestamp to the beginning of the message. */
    byte[] level(@Nullable Level level) {
        int known = level == null ? -1 : level.toInt() / LEVEL_STEP;
        if (known >= 0 && known < levels.length && levels[known] != null && isKnown(level)) {
            return levels[known];
        }
        LineBuffer part = new LineBuffer();
        part.ascii(schema == Schema.GELF ? "" : "\"");
        part.raw(begin(Field.LEVEL));
        part.text(String.valueOf(level), maxName);
        part.write('"');
        if (!names.of(Field.LEVEL_NUMBER).isEmpty()) {
            part.raw(LineBuffer.encoded(",\"", names.of(Field.LEVEL_NUMBER), "\":"));
            part.number(schema.number(level == null ? Level.INFO : level));
        }
        part.raw(begin(Field.MESSAGE));
        return part.toByteArray();
    }

    private static boolean isKnown(@Nullable Level level) {
        return Level.TRACE.equals(level)
                || Level.DEBUG.equals(level)
                || Level.INFO.equals(level)
                || Level.WARN.equals(level)
                || Level.ERROR.equals(level);
    }

    /** Whether a line has a field of this name that is no user's. */
    boolean isTaken(String name, boolean hasError) {
        return names.isTaken(name, hasError) || constantNames.contains(name);
    }

    /** Whether a field that is no user's may have the name, on whatever line. */
    boolean isOurs(String name) {
        return names.isOurs(name) || constantNames.contains(name);
    }
}
