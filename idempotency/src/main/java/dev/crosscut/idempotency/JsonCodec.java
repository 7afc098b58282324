package dev.crosscut.idempotency;

import java.lang.reflect.Type;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** JSON, by Jackson's defaults. */
final class JsonCodec implements ValueCodec {

    private final JsonMapper mapper = JsonMapper.builder().build();

    @Override
    public byte[] write(@Nullable Object value, Type type) {
        return mapper.writerFor(mapper.constructType(type)).writeValueAsBytes(value);
    }

    @Override
    public @Nullable Object read(byte[] bytes, Type type) {
        return mapper.readerFor(mapper.constructType(type)).readValue(bytes);
    }
}
