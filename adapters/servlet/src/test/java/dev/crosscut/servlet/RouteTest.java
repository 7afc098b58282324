package dev.crosscut.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Exchange;
import dev.crosscut.core.Key;
import dev.crosscut.core.Observer;
import dev.crosscut.tck.AdapterContract.Running;
import dev.crosscut.tck.RecordingObserver;
import jakarta.servlet.Filter;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletMapping;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@ParameterizedClass
@MethodSource("dev.crosscut.servlet.Servers#all")
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class RouteTest {

    @Parameter
    Servers container;

    private final RecordingObserver recorder = new RecordingObserver();
    private final Queue<Optional<String>> atTheBeginning = new ConcurrentLinkedQueue<>();
    private final Crosscut crosscut = Crosscut.builder()
            .discoverPlugins(false)
            .observer(recorder)
            .observer(new Observer() {
                @Override
                public void begin(Exchange exchange) {
                    atTheBeginning.add(exchange.get(Key.ROUTE));
                }
            })
            .build();

    @AfterEach
    void close() {
        recorder.verify();
        assertThat(crosscut.faults()).isEmpty();
        crosscut.close();
    }

    /** Forwards where it is told to, and puts a route where it is told one. */
    private static final class Told extends HttpServlet {
        private static final long serialVersionUID = 1L;

        @Override
        protected void service(HttpServletRequest request, HttpServletResponse response)
                throws ServletException, IOException {
            String route = request.getHeader("X-Route");
            if (route != null) {
                Exchange.current().orElseThrow().put(Key.ROUTE, route);
            }
            String to = request.getHeader("X-Forward");
            if (to != null && !request.getServletPath().equals(to)) {
                request.getRequestDispatcher(to).forward(request, response);
            }
        }
    }

    private Running start(String path, String... patterns) throws Exception {
        return container.start(path, Map.of(), List.of((classes, context) -> {
            Service.register(context, new CrosscutFilter(crosscut), "/*");
            context.addServlet("told", new Told()).addMapping(patterns);
        }));
    }

    private Optional<String> route(Running running, String path, String... headers) throws IOException {
        String[] lines = new String[headers.length + 1];
        lines[0] = "GET " + path;
        System.arraycopy(headers, 0, lines, 1, headers.length);
        assertThat(Wire.exchange(running.port(), Wire.request("", lines)).status())
                .isEqualTo(200);
        return recorder.only(r -> r.path().equals(Optional.of(path))).exchange().get(Key.ROUTE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/shop"})
    void the_route_is_the_pattern_of_the_servlet_below_the_path_of_the_application(String app) throws Exception {
        try (Running running = start(app, "/payments", "/payments/*", "*.do", "")) {
            assertThat(route(running, app + "/payments")).hasValue(app + "/payments");
            assertThat(route(running, app + "/payments/pay-4711/lines/1")).hasValue(app + "/payments/*");
            assertThat(route(running, app + "/orders/4711.do")).hasValue(app + "/*.do");
            assertThat(route(running, app + "/")).hasValue(app + "/");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/*"})
    void a_servlet_for_everything_is_no_route(String pattern) throws Exception {
        try (Running running = start("", pattern)) {
            assertThat(route(running, "/payments/pay-4711")).isEmpty();
            assertThat(route(running, "/")).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/%73hop/%70ayments", "/shop/payments;jsessionid=4711", "/shop/./payments"})
    void however_a_client_spells_the_path_it_is_no_part_of_the_route(String path) throws Exception {
        try (Running running = start("/shop", "/payments")) {
            assertThat(route(running, path)).hasValue("/shop/payments");
        }
    }

    @Test
    void a_request_that_says_nothing_of_its_servlet_has_none() throws Exception {
        Filter outer = (request, response, chain) -> chain.doFilter(
                new HttpServletRequestWrapper((HttpServletRequest) request) {
                    @Override
                    public @Nullable HttpServletMapping getHttpServletMapping() {
                        return null;
                    }
                },
                response);
        try (Running running = container.start("", Map.of(), List.of((classes, context) -> {
            Service.register(context, outer, "/*");
            Service.register(context, new CrosscutFilter(crosscut), "/*");
            context.addServlet("told", new Told()).addMapping("/payments");
        }))) {
            assertThat(route(running, "/payments")).isEmpty();
        }
    }

    @Test
    void observers_know_it_from_the_beginning() throws Exception {
        try (Running running = start("", "/payments/*")) {
            route(running, "/payments/pay-4711");
            assertThat(atTheBeginning).containsExactly(Optional.of("/payments/*"));
        }
    }

    @Test
    void a_handler_may_know_better() throws Exception {
        try (Running running = start("", "/payments/*")) {
            assertThat(route(running, "/payments/pay-4711", "X-Route: /payments/{id}"))
                    .hasValue("/payments/{id}");
        }
    }

    @Test
    void a_forward_leaves_it_as_it_is() throws Exception {
        try (Running running = start("", "/before", "/after")) {
            assertThat(route(running, "/before", "X-Forward: /after")).hasValue("/before");
        }
    }
}
