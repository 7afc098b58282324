package dev.crosscut.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.crosscut.core.Exchange;
import dev.crosscut.core.Key;
import jakarta.servlet.Filter;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletRequestWrapper;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.ServletResponseWrapper;
import jakarta.servlet.http.HttpServletRequest;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExchangeTest extends ServiceTest {

    private static String request(String line) {
        return line + "\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    }

    private Wire.Response send(String request) throws Exception {
        return Wire.exchange(service.port(), request);
    }

    // Targets

    @Test
    void the_path_is_as_it_was_sent_without_query() throws Exception {
        for (String path : List.of(
                "/plain/%61%20b/%C3%A9",
                "/plain/a;v=1/b;jsessionid=x",
                "/plain//double",
                "/plain/./dot",
                "/plain/a+b",
                "/plain/a:b@c,d",
                "/plain/%7Btemplate%7D")) {
            boolean refused =
                    send(request("GET " + path + "?q=/x&r=%20 HTTP/1.1")).status() == 400; // as Jetty does //
            if (!refused) {
                assertThat(service.recorded(path).exchange().path()).hasValue(path);
            }
        }
    }

    @Test
    void an_absolute_target_is_known_by_its_path() throws Exception {
        service.on(
                "absolute",
                (request, response) -> response.getWriter()
                        .print(Exchange.current().orElseThrow().path().orElseThrow()));

        assertThat(send(request("GET http://localhost/plain/absolute?q HTTP/1.1"))
                        .text())
                .isEqualTo("/plain/absolute");
        service.recorded("/plain/absolute");
    }

    @Test
    void options_of_the_server_as_a_whole_are_the_containers_affair() throws Exception {
        int before = service.recorder.exchanges().size();

        Wire.Response response = send(request("OPTIONS * HTTP/1.1"));

        assertThat(response.status()).isBetween(200, 499);
        assertThat(service.recorder.exchanges().stream()
                        .skip(before)
                        .map(r -> r.path().orElseThrow()))
                .allMatch(path -> path.equals("*") || path.equals("/*"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/plain/", "/held/", "/both/"})
    void a_client_of_http_1_0_is_served(String mode) throws Exception {
        service.on("old", (request, response) -> {
            response.getWriter().print("written ");
            response.flushBuffer();
            response.getWriter().print(request.getProtocol());
        });

        Wire.Response response = send("GET " + mode + "old HTTP/1.0\r\nX-Correlation-ID: old\r\n\r\n");

        assertThat(response.text()).isEqualTo("written HTTP/1.0");
        assertThat(response.header("X-Correlation-ID")).containsExactly("old");
        assertThat(response.header("Transfer-Encoding")).isEmpty();
        service.recorded(mode + "old");
    }

    // After the end

    @ParameterizedTest
    @ValueSource(strings = {"/plain/", "/buffered/", "/held/", "/both/"})
    void an_exchange_that_has_ended_keeps_its_values_and_nothing_of_the_container(String mode) throws Exception {
        CompletableFuture<Exchange> kept = new CompletableFuture<>();
        CompletableFuture<Object> containers = new CompletableFuture<>();
        service.on("ended", (request, response) -> {
            kept.complete(Exchange.current().orElseThrow());
            containers.complete(List.of(request, response));
            response.setStatus(202);
            response.getWriter().print("x");
        });
        service.post(mode + "ended", "the body", "X-Correlation-ID: ended");
        service.recorded(mode + "ended");

        Exchange exchange = kept.get();

        assertThat(exchange.get(Key.CORRELATION_ID)).hasValue("ended");
        assertThat(exchange.path()).hasValue(mode + "ended");
        assertThat(exchange.operation()).isEqualTo("POST");
        assertThat(exchange.status()).hasValue(202);
        assertThat(exchange.requestHeaders("X-Correlation-ID")).isEmpty();
        assertThat(exchange.responseHeaders("X-Correlation-ID")).isEmpty();
        exchange.responseHeader("X-Late", "no");
        assertThat(exchange.responseHeaders("X-Late")).isEmpty();
        assertThat(reachable(exchange)).doesNotContainAnyElementsOf((List<?>) containers.get());
        assertThat(reachable(exchange)).noneMatch(o -> o instanceof ServletRequest || o instanceof ServletResponse);
    }

    /** All that the exchange refers to through fields of our own classes. */
    private static Set<Object> reachable(Object root) throws IllegalAccessException {
        Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        Deque<Object> open = new ArrayDeque<>(List.of(root));
        while (!open.isEmpty()) {
            Object object = open.pop();
            for (Class<?> type = object.getClass(); type != null; type = type.getSuperclass()) {
                if (!type.getPackageName().equals(CrosscutFilter.class.getPackageName())) {
                    continue;
                }
                for (Field field : type.getDeclaredFields()) {
                    if (Modifier.isStatic(field.getModifiers())
                            || field.getType().isPrimitive()) {
                        continue;
                    }
                    field.setAccessible(true);
                    Object value = field.get(object);
                    if (value != null && seen.add(value)) {
                        open.push(value);
                    }
                }
            }
        }
        return seen;
    }

    @Test
    void a_request_of_another_protocol_passes_through() throws Exception {
        Filter outer = (request, response, chain) ->
                chain.doFilter(new ServletRequestWrapper(request), new ServletResponseWrapper(response));
        Filter inner = (request, response, chain) -> {
            assertThat(request).isInstanceOf(ServletRequestWrapper.class).isNotInstanceOf(HttpServletRequest.class);
            chain.doFilter(
                    ((ServletRequestWrapper) request).getRequest(), ((ServletResponseWrapper) response).getResponse());
        };
        try (Service other = Service.start(container, Map.of(), (context, crosscut) -> {
            Service.register(context, outer, "/*");
            Service.register(context, new CrosscutFilter(crosscut), "/*");
            Service.register(context, inner, "/*");
        })) {
            other.on(
                    "plain",
                    (request, response) ->
                            response.getWriter().print(Exchange.current().isPresent()));

            assertThat(other.get("/plain").text()).isEqualTo("false");
            assertThat(other.recorder.exchanges()).isEmpty();
        }
    }
}
