package dev.crosscut.servlet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A client cannot tell whether Crosscut is there: status, header fields and body are those of the container alone, whether
 * guards look at neither body or at both, and whether observers do. {@link HeldResponseTest} has what differs, and why.
 */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class TransparencyTest {

    private static final Map<Object, String> ERROR_PAGES =
            Map.of(418, "/plain/teapot", NumberFormatException.class, "/plain/nan");
    private static final String QUERY = "?q=1&p=a%20b&p=%C3%A9";
    private static final String FORM = "f=1&p=c+d&e=%E2%82%AC&x";

    private static final Map<Servers, Service> WITHOUT = new EnumMap<>(Servers.class);
    private static final Map<Servers, Service> WITH = new EnumMap<>(Servers.class);

    @BeforeAll
    static void start() throws Exception {
        for (Servers container : Servers.all()) {
            WITHOUT.put(container, Service.start(container, ERROR_PAGES, (context, crosscut) -> {}));
            WITH.put(
                    container,
                    Service.start(
                            container,
                            ERROR_PAGES,
                            (context, crosscut) -> Service.register(context, new CrosscutFilter(crosscut), "/*")));
            Corpus.all().forEach((name, handler) -> {
                WITHOUT.get(container).on(name, handler);
                WITH.get(container).on(name, handler);
            });
        }
    }

    @AfterAll
    static void stop() throws Exception {
        for (Servers container : Servers.all()) {
            WITHOUT.get(container).close();
            WITH.get(container).recorder.verify();
            WITH.get(container).close();
        }
    }

    static Stream<Arguments> cases() {
        return Servers.all().stream()
                .flatMap(container -> Stream.of("/plain/", "/both/", "/copied/", "/both-copied/")
                        .flatMap(mode ->
                                Corpus.all().keySet().stream().map(name -> Arguments.of(container, mode + name))));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("cases")
    void the_response_is_that_of_the_container_alone(Servers container, String path) throws Exception {
        assumeFalse(
                !Servers.SERVLET_6_1 && path.endsWith("/forward-nothing") && !path.startsWith("/plain/"),
                "Tomcat 10.1 asks a wrapped response for its writer, which adds the charset");
        for (String request : List.of(
                Wire.request("", "GET " + path + QUERY, "Connection: close"),
                Wire.request("", "HEAD " + path + QUERY, "Connection: close"),
                Wire.request(
                        FORM,
                        "POST " + path + QUERY,
                        "Connection: close",
                        "Content-Type: application/x-www-form-urlencoded;charset=utf-8"))) {
            Wire.Response without = Wire.exchange(WITHOUT.get(container).port(), request);
            Wire.Response with = Wire.exchange(WITH.get(container).port(), request);
            assertThat(comparable(with)).as("%s %s", container, request).isEqualTo(comparable(without));
        }
    }

    /** Without what no two responses share, and without the page that the container makes of a stack trace. */
    private static String comparable(Wire.Response response) {
        List<String> headers = response.headers().stream()
                .filter(line -> !line.toLowerCase(Locale.ROOT).startsWith("x-correlation-id:"))
                .map(line -> line.replaceFirst("^Date: .*", "Date: ..."))
                .map(line -> line.replaceFirst("JSESSIONID=\\w+", "JSESSIONID=..."))
                .sorted(String.CASE_INSENSITIVE_ORDER)
                .toList();
        String text = new Wire.Response(
                        response.statusLine(), headers, response.body(), response.trailers(), response.complete())
                .toString();
        return response.status() < 500
                ? text
                : text.replaceAll("(?s)<html.*", "(page)").replaceAll("Content-Length: .*", "Content-Length: (page)");
    }
}
