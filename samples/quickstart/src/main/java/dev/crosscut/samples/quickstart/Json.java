package dev.crosscut.samples.quickstart;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.json.JsonMapper;

/** Requests and responses in JSON, the former read strictly. */
final class Json {

    static final int MAX_BYTES = 64 * 1024;

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .build();

    private Json() {}

    /** Reads the body of a request; throws what the client is to be told. */
    static <T> T read(HttpServletRequest request, Class<T> type) throws IOException {
        byte[] body = request.getInputStream().readNBytes(MAX_BYTES + 1);
        if (body.length > MAX_BYTES) {
            throw new ProblemException(413, "The request is too large", "Expected at most " + MAX_BYTES + " bytes.");
        }
        T value;
        try {
            value = MAPPER.readValue(body, type);
        } catch (JacksonException e) {
            throw notAsExpected(" It went wrong at line " + e.getLocation().getLineNr() + ", column "
                    + e.getLocation().getColumnNr() + ".");
        }
        if (value == null) {
            throw notAsExpected("");
        }
        return value;
    }

    private static ProblemException notAsExpected(String where) {
        return new ProblemException(
                400,
                "The request is not the JSON that is expected",
                "Expected an object such as {\"amount\": 1250, \"currency\": \"EUR\", \"to\": \"acct-2\"}, each member once"
                        + " and no other." + where);
    }

    static <T> T read(byte[] body, Class<T> type) {
        return MAPPER.readValue(body, type);
    }

    static byte[] bytes(Object value) {
        return MAPPER.writeValueAsBytes(value);
    }

    static void write(HttpServletResponse response, int status, Object value) throws IOException {
        send(response, status, "application/json", value);
    }

    /** RFC 9457. */
    static void problem(HttpServletResponse response, int status, String title, String detail) throws IOException {
        Map<String, Object> problem = new LinkedHashMap<>();
        problem.put("type", "about:blank");
        problem.put("title", title);
        problem.put("status", status);
        problem.put("detail", detail);
        send(response, status, "application/problem+json", problem);
    }

    private static void send(HttpServletResponse response, int status, String type, Object value) throws IOException {
        response.setStatus(status);
        response.setContentType(type);
        response.getOutputStream().write(bytes(value));
    }
}
