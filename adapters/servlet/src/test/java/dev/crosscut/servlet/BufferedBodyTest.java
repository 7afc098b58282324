package dev.crosscut.servlet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.crosscut.core.Outcome;
import jakarta.servlet.Filter;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.io.UnsupportedEncodingException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BufferedBodyTest extends ServiceTest {

    private static final String FORM = "Content-Type: application/x-www-form-urlencoded";

    /** With a filter before Crosscut that wraps the request, as one for security does. */
    @Override
    Service start() throws Exception {
        Filter outer = (request, response, chain) -> chain.doFilter(
                new HttpServletRequestWrapper((HttpServletRequest) request) {
                    @Override
                    public String getHeader(String name) {
                        return name.equals("X-Wrapped") ? "yes" : super.getHeader(name);
                    }
                },
                response);
        Service started = Service.start(container, Map.of(Servers.ANY_ERROR, "/error"), (context, crosscut) -> {
            Service.register(context, outer, "/*");
            Service.register(context, new CrosscutFilter(crosscut), "/*");
        });
        started.on("form", (request, response) -> {
            Map<String, String> all = new TreeMap<>();
            request.getParameterMap().forEach((name, values) -> all.put(name, Arrays.toString(values)));
            response.setCharacterEncoding("UTF-8");
            response.getWriter().print(all);
        });
        return started;
    }

    private static String bytes(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/plain/", "/buffered/"})
    void a_body_is_text_in_the_charset_of_its_type(String mode) throws Exception {
        service.on("reader", (request, response) -> {
            response.setCharacterEncoding("UTF-8");
            response.getWriter().print(request.getReader().readLine() + request.getHeader("X-Wrapped"));
            assertThat(request.getReader()).isSameAs(request.getReader());
        });

        assertThat(service.post(mode + "reader", bytes("é"), "Content-Type: text/plain;charset=utf-8")
                        .text())
                .isEqualTo("éyes");
        assertThat(service.post(mode + "reader", "\u00e9", "Content-Type: text/plain")
                        .text())
                .isEqualTo("éyes");
        assertThat(service.post(mode + "reader", bytes("é"), "Content-Type: application/json")
                        .text())
                .isEqualTo(service.post("/plain/reader", bytes("é"), "Content-Type: application/json")
                        .text());
    }

    @ParameterizedTest
    @ValueSource(strings = {"/plain/", "/buffered/"})
    void an_encoding_that_nobody_knows_is_reported_as_one(String mode) throws Exception {
        CompletableFuture<Throwable> thrown = new CompletableFuture<>();
        service.on("unknown-encoding", (request, response) -> {
            try {
                request.getReader();
                thrown.complete(new AssertionError("it was read"));
            } catch (Throwable e) {
                thrown.complete(e);
            }
        });

        service.post(mode + "unknown-encoding", "x", "Content-Type: text/plain;charset=no-such");

        assertThat(thrown.get()).isInstanceOf(UnsupportedEncodingException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/plain/", "/buffered/"})
    void stream_and_reader_exclude_each_other(String mode) throws Exception {
        service.on("either", (request, response) -> {
            if (request.getParameter("stream") != null) {
                request.getInputStream();
                assertThat(request.getInputStream()).isNotNull();
                assertThatThrownBy(request::getReader).isInstanceOf(IllegalStateException.class);
            } else {
                request.getReader();
                assertThatThrownBy(request::getInputStream).isInstanceOf(IllegalStateException.class);
            }
            response.getWriter().print("as it should");
        });

        assertThat(service.post(mode + "either?stream", "x").text()).isEqualTo("as it should");
        assertThat(service.post(mode + "either", "x").text()).isEqualTo("as it should");
    }

    @Test
    void the_stream_tells_what_is_left_of_it() throws Exception {
        service.on("stream", (request, response) -> {
            ServletInputStream in = request.getInputStream();
            assertThat(in.available()).isEqualTo(10);
            assertThat(in.markSupported()).isFalse();
            assertThat(in.isReady()).isTrue();
            assertThat(in.read()).isEqualTo('0');
            assertThat(in.skip(2)).isEqualTo(2);
            assertThat(in.read(new byte[2])).isEqualTo(2);
            assertThat(Servers.SERVLET_6_1 ? in.read(ByteBuffer.allocate(1)) : in.read(new byte[1]))
                    .isEqualTo(1);
            assertThat(in.isFinished()).isFalse();
            assertThat(in.readAllBytes()).containsExactly('6', '7', '8', '9');
            assertThat(in.isFinished()).isTrue();
            assertThat(in.available()).isZero();
            assertThat(in.read()).isEqualTo(-1);
            response.getWriter().print("as it should");
        });

        assertThat(service.post("/buffered/stream", "0123456789").text()).isEqualTo("as it should");
    }

    @Test
    void a_body_of_just_the_bound_is_buffered_and_one_byte_more_is_refused() throws Exception {
        service.on(
                "size",
                (request, response) ->
                        response.getWriter().print(request.getInputStream().readAllBytes().length));

        assertThat(service.post("/buffered/size", "x".repeat(TestGuard.BOUND)).text())
                .isEqualTo("" + TestGuard.BOUND);
        assertThat(service.post("/buffered/size", "x".repeat(TestGuard.BOUND + 1))
                        .status())
                .isEqualTo(413);
    }

    // Forms

    @ParameterizedTest
    @ValueSource(strings = {"/plain/", "/buffered/"})
    void parameters_of_the_query_come_before_those_of_the_form(String mode) throws Exception {
        assertThat(service.post(mode + "form?a=q&b=q", "a=f&c=f+%26%3D&d&a=f2&e=&g==&h=%41%7a", FORM)
                        .text())
                .isEqualTo("{a=[q, f, f2], b=[q], c=[f &=], d=[], e=[], g=[=], h=[Az]}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/plain/", "/buffered/"})
    void a_form_is_decoded_in_the_charset_of_its_type(String mode) throws Exception {
        assertThat(service.post(mode + "form", "e=%E9&r=\u00e9", FORM + ";charset=ISO-8859-1")
                        .text())
                .isEqualTo("{e=[é], r=[é]}");
        assertThat(service.post(mode + "form", "e=%C3%A9&r=" + bytes("é"), FORM + "; charset=\"utf-8\"")
                        .text())
                .isEqualTo("{e=[é], r=[é]}");
    }

    /** As browsers send it (URL Standard, section 5). Tomcat by itself reads ISO-8859-1. */
    @Test
    void a_form_that_names_no_charset_is_utf_8() throws Exception {
        assertThat(service.post("/buffered/form", "e=%C3%A9", FORM).text()).isEqualTo("{e=[é]}");
    }

    /** Before Servlet 6.1 a container leaves malformed parameters out. */
    private static boolean isStrictAboutForms(String mode) {
        return Servers.SERVLET_6_1 || !mode.equals("/plain/");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/plain/", "/buffered/"})
    void a_malformed_form_is_the_clients_mistake(String mode) throws Exception {
        assumeTrue(isStrictAboutForms(mode));
        for (String malformed :
                new String[] {"a=%zz", "a=%", "a=%4", "%zz=a", "a=1&b=%C3%", "a=%C3", "a=\u00ff", "%FF=a", "a=%u0041"
                }) {
            assertThat(service.post(mode + "form", malformed, FORM + ";charset=utf-8")
                            .status())
                    .as(malformed)
                    .isEqualTo(400);
        }
        assertThat(service.recorder.exchanges())
                .filteredOn(r -> r.path().orElse("").equals("/buffered/form"))
                .allSatisfy(r -> assertThat(r.outcome().orElseThrow()).isNotInstanceOf(Outcome.Failed.class));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/plain/", "/buffered/"})
    void a_handler_may_catch_what_a_malformed_form_throws(String mode) throws Exception {
        assumeTrue(isStrictAboutForms(mode));
        service.on("catches", (request, response) -> {
            assertThatThrownBy(() -> request.getParameter("a")).isInstanceOf(IllegalStateException.class);
            response.getWriter().print("caught");
        });

        assertThat(service.post(mode + "catches", "a=%zz", FORM).text()).isEqualTo("caught");
    }

    @Test
    void a_malformed_form_of_an_asynchronous_request_is_an_error_like_any_other() throws Exception {
        service.on("asynchronous-form", (request, response) -> {
            request.startAsync();
            request.getParameter("a");
        });

        assertThat(service.post("/both/asynchronous-form", "a=%zz", FORM).status())
                .isEqualTo(500);
        assertThat(service.recorded("/both/asynchronous-form").outcome().orElseThrow())
                .isInstanceOf(Outcome.Failed.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/plain/", "/buffered/"})
    void only_a_post_has_parameters_in_its_content(String mode) throws Exception {
        assertThat(service.send("PATCH", mode + "form?q=1", "a=1", FORM).text()).isEqualTo("{q=[1]}");
        assertThat(service.post(mode + "form?q=1", "a=1", "Content-Type: text/plain")
                        .text())
                .isEqualTo("{q=[1]}");
    }

    @Test
    void a_form_of_many_values_is_read_in_no_time() throws Exception {
        assertThat(FormParameters.parse(Map.of(), "a&".repeat(300_000).getBytes(StandardCharsets.US_ASCII), "US-ASCII"))
                .hasEntrySatisfying("a", values -> assertThat(values).hasSize(300_000));
    }

    @Test
    void parts_of_a_buffered_body_are_refused_with_a_reason() throws Exception {
        service.on("parts", (request, response) -> {
            assertThatThrownBy(request::getParts)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("a guard has buffered the body of POST /buffered/parts");
            assertThatThrownBy(() -> request.getPart("a")).hasMessageContaining("a guard has buffered");
            response.getWriter().print("as it should");
        });

        assertThat(service.post("/buffered/parts", "--x--\r\n", "Content-Type: multipart/form-data; boundary=x")
                        .text())
                .isEqualTo("as it should");
    }
}
