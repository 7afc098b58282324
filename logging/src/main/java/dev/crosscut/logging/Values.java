package dev.crosscut.logging;

import dev.crosscut.core.Secret;
import java.io.Writer;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.temporal.TemporalAccessor;
import java.time.temporal.TemporalAmount;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import net.logstash.logback.marker.MapEntriesAppendingMarker;
import net.logstash.logback.marker.ObjectAppendingMarker;
import net.logstash.logback.marker.SingleFieldAppendingMarker;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.KeyValuePair;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.JsonRecyclerPools;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.ser.std.ToStringSerializer;
import tools.jackson.databind.util.TokenBuffer;

/**
 * Values of users as JSON. None of them can break a line.
 *
 * <p>What is neither text, a number nor a boolean is first written aside, as whatever Jackson makes of it, up to a bound;
 * then it is read again as strict JSON, and written from that. So a getter that throws, a bean that refers to itself, or
 * raw JSON that is none, costs that value its structure and nothing else: it is written as its text, or as the name of its
 * class where that fails too. Numbers are copied digit by digit.
 *
 * <p>Jackson is not touched before the first value that needs it.
 */
final class Values {

    /** What is left of a line for a value has this many bytes, or the value is left out. */
    private static final int LEAST = 8;

    private static final String UNWRITABLE = "unwritable";

    /** Numbers of more bits take long to write, and are none that anyone reads. */
    private static final int LONGEST_NUMBER = 16 * 1024;

    /** Keeps values where a generator would ask what to make of them. */
    private static final ObjectWriteContext AS_THEY_ARE = new ObjectWriteContext.Base() {
        @Override
        public void writeValue(JsonGenerator tokens, Object value) {
            tokens.writeEmbeddedObject(value);
        }
    };

    private final Masking masking;
    private final boolean isFlat;
    private final int longest;
    private volatile @Nullable Jackson jackson;

    /** Flat if a value is text or a number and nothing else; what is longer than the longest has no place on any line. */
    Values(Masking masking, boolean isFlat, int longest) {
        this.masking = masking;
        this.isFlat = isFlat;
        this.longest = longest;
    }

    private static final class Jackson {

        final JsonMapper mapper;
        final ObjectReader reader;

        Jackson() {
            mapper = JsonMapper.builder(JsonFactory.builder()
                            .recyclerPool(JsonRecyclerPools.newBoundedPool(16)) // nothing per thread
                            .build())
                    .findAndAddModules()
                    .addModule(new SimpleModule().addSerializer(Secret.class, ToStringSerializer.instance))
                    .build();
            reader = mapper.readerFor(JsonNode.class)
                    .with(
                            DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS,
                            DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .without(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES);
        }
    }

    private Jackson jackson() {
        Jackson made = jackson;
        if (made == null) {
            made = new Jackson();
            jackson = made;
        }
        return made;
    }

    /** Characters up to a bound. */
    private static final class Aside extends Writer {

        private final StringBuilder text = new StringBuilder();
        private final long longest;
        private boolean isFull;

        Aside(long longest) {
            this.longest = longest;
        }

        @Override
        public void write(char[] from, int offset, int length) {
            if (text.length() + (long) length > longest) {
                isFull = true;
                throw new TooLong();
            }
            text.append(from, offset, length);
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}

        @Override
        public String toString() {
            return text.toString();
        }
    }

    private static final class TooLong extends RuntimeException {
        private static final long serialVersionUID = 1L;

        TooLong() {
            super("too long for a line", null, false, false);
        }
    }

    /**
     * Appends a field, its comma first, within a number of bytes. Text is shortened to that; another value that is longer
     * is left out, since part of it would be another value. The line is marked for either.
     *
     * @param given what whoever adds the field calls it, by which it may be hidden
     * @param name what it is called on the line
     * @return whether the field was appended
     */
    boolean write(LineBuffer line, String given, String name, @Nullable Object value, int bound) {
        int start = line.size();
        line.write(',');
        line.quoted(name);
        line.write(':');
        boolean mayBeHidden = value != null && !(value instanceof Boolean);
        return writeAfterName(line, start, given, mayBeHidden && masking.hides(given), value, bound);
    }

    /** As {@link #write(LineBuffer, String, String, Object, int)}, the value of a key of an exchange. */
    boolean write(LineBuffer line, KeyNames.KeyName key, Object value, int bound) {
        int start = line.size();
        line.raw(key.start());
        return writeAfterName(line, start, key.key(), key.isHidden(), value, bound);
    }

    private boolean writeAfterName(
            LineBuffer line, int start, String given, boolean isHidden, @Nullable Object value, int bound) {
        int left = bound - (line.size() - start);
        if (left < LEAST || !writeValue(line, start, given, isHidden, value, left)) {
            line.rewind(start);
            line.markShortened();
            return false;
        }
        return true;
    }

    /** Appends a field of several texts, or leaves it out. */
    void writeTexts(LineBuffer line, String name, List<String> texts, int bound) {
        int start = line.size();
        if (isFlat) {
            write(line, name, name, String.join(",", texts), bound);
            return;
        }
        line.raw(LineBuffer.encoded(",\"", name, "\":["));
        for (int i = 0; i < texts.size() && line.size() - start < bound; i++) {
            line.ascii(i == 0 ? "" : ",");
            line.write('"');
            masking.write(texts.get(i), longest, longest, line);
            line.write('"');
        }
        line.write(']');
        if (line.size() - start > bound) {
            line.rewind(start);
            line.markShortened();
        } else {
            line.field(start, -1);
        }
    }

    private boolean writeValue(
            LineBuffer line, int start, String given, boolean isHidden, @Nullable Object value, int left) {
        if (value == null || value instanceof Boolean) {
            String json = String.valueOf(value);
            return isFlat ? text(line, start, json, left) : plain(line, start, json, left);
        } else if (value instanceof String text) {
            return text(line, start, text.isEmpty() || !isHidden ? text : Masking.MASK, left);
        } else if (isHidden) {
            return text(line, start, Masking.MASK, left);
        } else if (value instanceof Integer
                || value instanceof Long
                || value instanceof Short
                || value instanceof Byte) {
            return masking.hides(((Number) value).longValue())
                    ? text(line, start, Masking.MASK, left)
                    : plain(line, start, value.toString(), left);
        } else if (isFinite(value)) {
            return plain(line, start, value.toString(), left);
        } else if (isText(value)) {
            return text(line, start, text(value), left);
        } else if (value.getClass() == BigDecimal.class || value.getClass() == BigInteger.class) {
            return big(line, start, (Number) value, left);
        }
        int before = line.size();
        Aside aside = new Aside(4L * longest);
        try {
            return tree(line, start, masking.tree(given, json(value, aside)), left);
        } catch (Throwable e) {
            survived(e);
            line.rewind(before);
            if (aside.isFull) {
                return false; // whatever Jackson has made of that
            }
            return text(line, start, masking.hidesByPlace() ? failed(value, e) : text(value), left);
        }
    }

    private static boolean isFinite(Object value) {
        return (value instanceof Double number && Double.isFinite(number))
                || (value instanceof Float single && Float.isFinite(single));
    }

    private boolean big(LineBuffer line, int start, Number number, int left) {
        int bits = number instanceof BigInteger whole
                ? whole.bitLength()
                : ((BigDecimal) number).unscaledValue().bitLength();
        if (bits > LONGEST_NUMBER) {
            return false;
        }
        String digits = number.toString();
        String masked = masking.text(digits);
        return masked.equals(digits) ? plain(line, start, digits, left) : text(line, start, masked, left);
    }

    private static boolean plain(LineBuffer line, int start, String json, int left) {
        if (json.length() > left) {
            return false;
        }
        line.ascii(json);
        line.field(start, -1);
        return true;
    }

    private boolean text(LineBuffer line, int start, String text, int left) {
        line.write('"');
        int from = line.size();
        masking.write(text, longest, left - 2, line);
        line.write('"');
        line.field(start, from);
        return true;
    }

    private boolean tree(LineBuffer line, int start, JsonNode node, int left) {
        if (node.isString() || (isFlat && !node.isNumber())) {
            String text = node.isString() ? node.stringValue() : JsonTree.text(node, longest);
            return text(line, start, text, left);
        }
        boolean isWhole = new JsonTree(line, left).write(node);
        if (isWhole) {
            line.field(start, -1);
        }
        return isWhole;
    }

    private JsonNode json(Object value, Aside aside) {
        Jackson made = jackson();
        made.mapper.writeValue(aside, value);
        return read(made, aside);
    }

    private static JsonNode read(Jackson jackson, Aside aside) {
        JsonNode node = jackson.reader.readTree(aside.toString());
        if (node.isMissingNode()) {
            throw new IllegalArgumentException("no JSON");
        }
        return node;
    }

    /** The fields that a structured argument or marker writes; those whose values it has as they are, as they are. */
    List<KeyValuePair> fields(Object argument, Consumer<JsonGenerator> writer) {
        List<KeyValuePair> fields = new ArrayList<>();
        if (argument.getClass() == ObjectAppendingMarker.class
                || argument.getClass() == MapEntriesAppendingMarker.class) {
            TokenBuffer tokens = new TokenBuffer(AS_THEY_ARE, false);
            tokens.writeStartObject();
            writer.accept(tokens);
            try (JsonParser parser = tokens.asParser()) {
                parser.nextToken();
                for (String name = parser.nextName(); name != null; name = parser.nextName()) {
                    boolean isThere = parser.nextToken() == JsonToken.VALUE_EMBEDDED_OBJECT;
                    fields.add(new KeyValuePair(name, isThere ? parser.getEmbeddedObject() : null));
                }
            }
            return fields;
        }
        Aside aside = new Aside(64L * longest);
        Jackson made = jackson();
        try (JsonGenerator generator = made.mapper.createGenerator(aside)) {
            generator.writeStartObject();
            writer.accept(generator);
            generator.writeEndObject();
        }
        read(made, aside).properties().forEach(field -> fields.add(new KeyValuePair(field.getKey(), field.getValue())));
        return fields;
    }

    /** The fields as {@link #fields} has them; where an argument cannot write them, its text as one. */
    List<KeyValuePair> fieldsOrText(Object argument, Consumer<JsonGenerator> writer) {
        try {
            return fields(argument, writer);
        } catch (Throwable e) {
            return List.of(new KeyValuePair(UNWRITABLE, unwritable(argument, survived(e))));
        }
    }

    /** The text of an argument that could not write its fields, unless one of them could be hidden. */
    String unwritable(Object argument, Throwable failure) {
        if (argument instanceof SingleFieldAppendingMarker field && masking.hides(field.getFieldName())) {
            return Masking.MASK;
        }
        return masking.hidesByPlace() ? failed(argument, failure) : text(argument);
    }

    /**
     * A value where it is not written to a line of JSON.
     *
     * @param text what to show, in which patterns have yet to be looked for unless it is JSON
     * @param isJson whether it is an object or an array
     * @param isMasked whether something was hidden in it
     */
    record Shown(String text, boolean isJson, boolean isMasked) {}

    /** The text of a value, or its JSON where it has fields or elements, with what its name and place hide replaced. */
    Shown shown(String given, @Nullable Object value) {
        if (value == null || value instanceof Boolean || "".equals(value)) {
            return new Shown(String.valueOf(value), false, false);
        } else if (masking.hides(given)) {
            return new Shown(Masking.MASK, false, true);
        } else if (value instanceof Number || isText(value)) {
            return new Shown(text(value), false, false);
        }
        try {
            JsonNode json = json(value, new Aside(4L * longest));
            JsonNode masked = masking.tree(given, json);
            String text = masked.isString() ? masked.stringValue() : JsonTree.text(masked, longest);
            return new Shown(text, masked.isContainer(), !masked.equals(json));
        } catch (Throwable e) {
            survived(e);
            boolean isHidden = masking.hidesByPlace();
            return new Shown(isHidden ? failed(value, e) : text(value), false, isHidden);
        }
    }

    /** Whether a value is written as text, a number, a boolean or null whatever Jackson would make of it. */
    static boolean isPlain(@Nullable Object value) {
        return value == null || value instanceof Number || value instanceof Boolean || isText(value);
    }

    private static boolean isText(Object value) {
        return value instanceof CharSequence
                || value instanceof Double
                || value instanceof Float
                || value instanceof Character
                || value instanceof Enum<?>
                || value instanceof Secret
                || value instanceof Throwable
                || value instanceof TemporalAccessor
                || value instanceof TemporalAmount
                || value instanceof UUID;
    }

    /** The text of a value that may throw, or overflow the stack, when asked for it. */
    static String text(Object value) {
        try {
            return String.valueOf(value.toString());
        } catch (Throwable e) {
            return failed(value, survived(e));
        }
    }

    private static String failed(Object value, Throwable failure) {
        return "<" + value.getClass().getName() + ": " + failure.getClass().getName() + ">";
    }

    /** What a value threw, where the JVM itself is well: it throws the rest on. */
    static Throwable survived(Throwable failure) {
        if (failure instanceof VirtualMachineError fatal && !(failure instanceof StackOverflowError)) {
            throw fatal;
        }
        return failure;
    }
}
