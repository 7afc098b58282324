package dev.crosscut.logging;

import dev.crosscut.core.Secret;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.temporal.TemporalAccessor;
import java.time.temporal.TemporalAmount;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.cfg.JsonNodeFeature;

/*
 * Values of users as JSON. None of them can break a line.
 *
 * What is neither text, a number nor a boolean is first written aside, as whatever Jackson makes of it, read again as
 * strict JSON, and then copied. So a getter that throws, a bean that refers to itself, or raw JSON that is none, costs
 * that value its structure and nothing else: it is written as its text, or as the name of its class where that fails too.
 * Numbers are copied digit by digit.
 */
final class Values {

    private final ObjectMapper mapper;
    private final ObjectReader reader;

    Values(ObjectMapper mapper) {
        this.mapper = mapper;
        this.reader = mapper.readerFor(JsonNode.class)
                .with(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS, DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .without(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES);
    }

    /** Writes a field. */
    void write(JsonGenerator out, String name, @Nullable Object value) {
        if (value == null) {
            out.writeNullProperty(name);
        } else if (value instanceof String text) {
            out.writeStringProperty(name, Texts.wellFormed(text));
        } else if (value instanceof Integer
                || value instanceof Long
                || value instanceof Short
                || value instanceof Byte) {
            out.writeNumberProperty(name, ((Number) value).longValue());
        } else if (value instanceof Boolean flag) {
            out.writeBooleanProperty(name, flag);
        } else if (value instanceof Double number && Double.isFinite(number)) {
            out.writeNumberProperty(name, number);
        } else if (value.getClass() == BigDecimal.class) {
            out.writeNumberProperty(name, (BigDecimal) value);
        } else if (value.getClass() == BigInteger.class) {
            out.writeNumberProperty(name, (BigInteger) value);
        } else {
            String json = json(value);
            out.writeName(name);
            out.writeRawValue(json);
        }
    }

    /** Fields as they follow others on a line: each with a comma before it. */
    String continuation(Map<String, Object> fields) {
        StringBuilder line = new StringBuilder();
        fields.forEach((name, value) ->
                line.append(',').append(quoted(name)).append(':').append(json(value)));
        return line.toString();
    }

    /** What a structured argument or marker writes, as an object. */
    JsonNode fields(Consumer<JsonGenerator> argument) {
        StringWriter json = new StringWriter();
        try (JsonGenerator generator = mapper.createGenerator(json)) {
            generator.writeStartObject();
            argument.accept(generator);
            generator.writeEndObject();
        }
        return reader.readTree(json.toString());
    }

    private String json(Object value) {
        try {
            return isText(value) ? quoted(text(value)) : copied(mapper.writeValueAsString(value));
        } catch (Throwable e) {
            return quoted(textInPlace(value, e));
        }
    }

    private String copied(String json) {
        JsonNode node = reader.readTree(json);
        if (node.isMissingNode()) {
            throw new IllegalArgumentException("no JSON");
        }
        return Texts.wellFormed(mapper.writeValueAsString(node));
    }

    private String quoted(String text) {
        return mapper.writeValueAsString(Texts.wellFormed(text));
    }

    private static boolean isText(Object value) {
        return value instanceof CharSequence
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
            return "<" + value.getClass().getName() + ": "
                    + survived(e).getClass().getName() + ">";
        }
    }

    private static String textInPlace(Object value, Throwable failure) {
        survived(failure);
        return text(value);
    }

    /** What a value threw, where the JVM itself is well: it throws the rest on. */
    static Throwable survived(Throwable failure) {
        if (failure instanceof VirtualMachineError fatal && !(failure instanceof StackOverflowError)) {
            throw fatal;
        }
        return failure;
    }
}
