package dev.crosscut.idempotency;

import java.io.Serial;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ValueNode;

/** JSON with its members in order, its numbers in one form and without spaces: the same value is the same bytes. Immutable. */
final class CanonicalJson {

    /** Longer ones would take long to bring into their form. */
    private static final int LONGEST_NUMBER = 100;

    private final JsonMapper mapper = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNumberLength(LONGEST_NUMBER)
                            .build())
                    .build())
            .nodeFactory(new Numbers())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.USE_BIG_INTEGER_FOR_INTS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(JsonNodeFeature.WRITE_PROPERTIES_SORTED)
            .build();

    /** Each number as its shortest decimal, which is written no longer than it was read. */
    private static final class Numbers extends JsonNodeFactory {

        @Serial
        private static final long serialVersionUID = 1L;

        @Override
        public ValueNode numberNode(BigInteger number) {
            return numberNode(new BigDecimal(number));
        }

        @Override
        public ValueNode numberNode(BigDecimal number) {
            return super.numberNode(number.stripTrailingZeros());
        }
    }

    /** The canonical bytes; empty for what is no JSON, or has a member twice. */
    Optional<byte[]> of(ByteBuffer body) {
        byte[] bytes = new byte[body.remaining()];
        body.get(bytes);
        try {
            JsonNode value = mapper.readTree(bytes);
            return value.isMissingNode() ? Optional.empty() : Optional.of(mapper.writeValueAsBytes(value));
        } catch (JacksonException e) {
            return Optional.empty();
        }
    }
}
