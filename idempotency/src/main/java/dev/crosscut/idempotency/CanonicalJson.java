package dev.crosscut.idempotency;

import java.nio.ByteBuffer;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** JSON with its members in order and without spaces, so that the same value is the same bytes. Immutable. */
final class CanonicalJson {

    private final JsonMapper mapper = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.USE_BIG_INTEGER_FOR_INTS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .build();

    /** The canonical bytes; empty for what is no JSON, or has a member twice. */
    Optional<byte[]> of(ByteBuffer body) {
        byte[] bytes = new byte[body.remaining()];
        body.get(bytes);
        try {
            return Optional.of(mapper.writeValueAsBytes(mapper.readValue(bytes, Object.class)));
        } catch (JacksonException e) {
            return Optional.empty();
        }
    }
}
