package dev.crosscut.servlet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.crosscut.core.BodyCopy;
import dev.crosscut.core.Exchange;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is copied of bodies is what the client sent and what it got. {@link TransparencyTest} has that it cannot tell. */
class CopyTest extends ServiceTest {

    private static final String FORM = "f=1&p=c+d&e=%E2%82%AC&x";

    @Override
    Service start() throws Exception {
        Map<Object, String> pages = Map.of(418, "/plain/teapot", NumberFormatException.class, "/plain/nan");
        Service started = Service.start(container, pages, (context, crosscut) -> {
            Service.register(context, new CrosscutFilter(crosscut), "/*");
            Service.register(context, new CrosscutFilter(crosscut), "/copied/twice");
        });
        Corpus.all().forEach(started::on);
        return started;
    }

    private Exchange exchange(String path) {
        return service.recorded(path).exchange();
    }

    /** What was copied, each byte as a character, once its length was compared with how much was counted. */
    private static String copied(BodyCopy copy) {
        String bytes = StandardCharsets.ISO_8859_1.decode(copy.bytes()).toString();
        assertThat(copy.size()).isEqualTo(bytes.length());
        return bytes;
    }

    private String requestCopy(String path) {
        return copied(exchange(path).requestCopy().orElseThrow());
    }

    private String responseCopy(String path) {
        return copied(exchange(path).responseCopy().orElseThrow());
    }

    // Responses

    static Stream<String> corpus() {
        return Stream.of("/copied/", "/held-copied/", "/both-copied/")
                .flatMap(mode -> Corpus.all().keySet().stream().map(name -> mode + name));
    }

    @ParameterizedTest
    @MethodSource("corpus")
    void what_the_handler_sent_is_copied_and_what_the_container_answers_is_not(String path) throws Exception {
        Wire.Response response = service.post(
                path, FORM, "Connection: close", "Content-Type: application/x-www-form-urlencoded;charset=utf-8");

        String sent = switch (path.substring(path.lastIndexOf('/') + 1)) {
            case "included", "redirect-keeping" -> response.body();
            case "length-more-than-written" -> "hello"; // for which Jetty sends an error when all is over
            case "status-no-content-with-body" -> "x";
            default -> response.status() < 300 ? response.body() : "";
        };
        assertThat(responseCopy(path)).isEqualTo(sent);
    }

    @Test
    void text_is_copied_in_the_charset_of_the_response_whatever_writes_it() throws Exception {
        service.on("text", (request, response) -> {
            response.setContentType("text/plain;charset=" + request.getParameter("charset"));
            PrintWriter writer = response.getWriter();
            if (request.getParameter("charset").startsWith("utf")) { // else Jetty writes a ? for each half
                writer.write("\uD83D");
                writer.write(new char[] {'\uDE00', 'é'});
            }
            writer.write("--é€--", 2, 2);
            writer.append('a').append("bcd", 1, 2).append(null);
            writer.print(1.5);
            writer.print((Object) null);
            writer.println(true);
            writer.println();
            writer.println(new char[] {'x'});
            writer.printf("%s", "ü").format(Locale.GERMANY, "%.1f", 1.5);
            writer.flush();
            assertThat(writer.checkError()).isFalse();
        });

        for (String charset : new String[] {"utf-8", "iso-8859-1", "utf-16be", "windows-1252", "us-ascii"}) {
            for (String mode : new String[] {"/copied/", "/held-copied/"}) {
                String path = mode + charset + "/text";
                Wire.Response response = service.get(path + "?charset=" + charset);

                assertThat(response.body()).as(charset).isNotEmpty();
                assertThat(responseCopy(path)).as(path).isEqualTo(response.body());
            }
        }
    }

    @Test
    void a_writer_formats_as_the_container_does() throws Exception {
        service.on("locale", (request, response) -> {
            response.setContentType("text/plain;charset=utf-8");
            response.setLocale(Locale.GERMANY);
            response.getWriter().printf("%,d", 1_000_000);
        });

        assertThat(service.get("/copied/locale").text())
                .isEqualTo(service.get("/plain/locale").text());
    }

    @Test
    void what_is_written_to_a_client_that_is_gone_is_an_error_of_the_writer() throws Exception {
        CompletableFuture<Boolean> gone = new CompletableFuture<>();
        CompletableFuture<Boolean> error = new CompletableFuture<>();
        service.on("gone", (request, response) -> {
            PrintWriter writer = response.getWriter();
            writer.print("x");
            writer.flush();
            gone.get(20, TimeUnit.SECONDS);
            for (int i = 0; i < 1_000 && !writer.checkError(); i++) {
                writer.print("0123456789".repeat(10_000));
            }
            error.complete(writer.checkError());
        });

        try (Wire wire = new Wire(service.port())) {
            wire.send(Wire.request("", "GET /copied/gone"));
            wire.readHead();
            wire.abort();
        }
        gone.complete(true);

        assertThat(error.get(20, TimeUnit.SECONDS)).isTrue();
        service.recorded("/copied/gone");
    }

    @Test
    void text_that_is_flushed_is_not_held_back() throws Exception {
        CompletableFuture<Boolean> arrived = new CompletableFuture<>();
        service.on("flushed", (request, response) -> {
            PrintWriter writer = response.getWriter();
            assertThat(response.getWriter()).isSameAs(writer);
            writer.print("first ");
            response.flushBuffer();
            arrived.get(20, TimeUnit.SECONDS);
            response.getWriter().print("second");
        });

        try (Wire wire = new Wire(service.port())) {
            wire.send(Wire.request("", "GET /copied/flushed"));
            wire.readHead();
            assertThat(wire.isSilent(20_000)).isFalse();
            arrived.complete(true);
        }
        assertThat(responseCopy("/copied/flushed")).isEqualTo("first second");
    }

    @Test
    void a_response_that_two_filters_see_is_copied_once() throws Exception {
        service.on("twice", (request, response) -> response.getWriter().print("once"));

        service.get("/copied/twice");

        assertThat(responseCopy("/copied/twice")).isEqualTo("once");
    }

    @Test
    void buffers_are_copied() throws Exception {
        assumeTrue(Servers.SERVLET_6_1);
        service.on("buffers", (request, response) -> {
            ByteBuffer buffer = ByteBuffer.allocateDirect(10).position(2).limit(9);
            int read = 0;
            for (int got = 0; got >= 0; got = request.getInputStream().read(buffer.position(2 + read))) {
                read += got;
                buffer.limit(9);
            }
            buffer.position(2).limit(2 + read);
            response.getOutputStream().write(buffer.asReadOnlyBuffer());
        });

        assertThat(service.post("/copied/buffers", "hello").text()).isEqualTo("hello");
        assertThat(requestCopy("/copied/buffers")).isEqualTo("hello");
        assertThat(responseCopy("/copied/buffers")).isEqualTo("hello");
    }

    // Requests

    @Test
    void a_body_is_copied_however_its_stream_is_read() throws Exception {
        service.on("ways", (request, response) -> {
            ServletInputStream in = request.getInputStream();
            assertThat(request.getInputStream()).isSameAs(in);
            byte[] line = new byte[20];
            int length = in.readLine(line, 1, 19);
            assertThat(new String(line, 1, length, StandardCharsets.US_ASCII)).isEqualTo("a line\n");
            assertThat(in.read()).isEqualTo('b');
            assertThat(in.read(new byte[2])).isEqualTo(2);
            assertThat(in.skip(2)).isEqualTo(2);
            assertThat(in.readNBytes(2)).hasSize(2);
            assertThat(in.isFinished()).isFalse();
            assertThat(in.readAllBytes()).hasSize(3);
            assertThat(in.isFinished()).isTrue();
            assertThat(in.read()).isEqualTo(-1);
            assertThat(in.readLine(line, 0, 20)).isEqualTo(-1);
        });

        assertThat(service.post("/copied/ways", "a line\nb12345678\u00ff").status())
                .isEqualTo(200);
        assertThat(requestCopy("/copied/ways")).isEqualTo("a line\nb12345678\u00ff");
    }

    @Test
    void text_that_is_read_is_copied_as_the_bytes_that_it_came_in() throws Exception {
        service.on("reader", (request, response) -> {
            BufferedReader reader = request.getReader();
            assertThat(request.getReader()).isSameAs(reader);
            reader.mark(10);
            assertThat(reader.readLine()).isEqualTo("é\uD83D\uDE00");
            reader.reset();
            assertThat(reader.lines()).containsExactly("é\uD83D\uDE00", "two");
        });
        String body =
                new String("é\uD83D\uDE00\r\ntwo\r\n".getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);

        assertThat(service.post("/copied/reader", body, "Content-Type: text/plain;charset=utf-8")
                        .status())
                .isEqualTo(200);
        assertThat(requestCopy("/copied/reader")).isEqualTo(body);
    }

    @Test
    void a_form_that_the_container_reads_is_copied_only_where_a_guard_needed_it() throws Exception {
        service.on("form", (request, response) -> response.getWriter().print(request.getParameter("a")));

        for (String mode : new String[] {"/copied/", "/buffered-copied/"}) {
            Wire.Response response =
                    service.post(mode + "form", "a=b", "Content-Type: application/x-www-form-urlencoded");
            assertThat(response.text()).isEqualTo("b");
        }

        assertThat(requestCopy("/copied/form")).isEmpty();
        assertThat(requestCopy("/buffered-copied/form")).isEqualTo("a=b");
    }

    // Non-blocking

    @ParameterizedTest
    @ValueSource(strings = {"/copied/", "/held-copied/"})
    void what_listeners_read_and_write_is_copied(String mode) throws Exception {
        service.on("echo", Echo::new);
        String body = "0123456789".repeat(9_000);

        assertThat(service.post(mode + "echo", body).text()).isEqualTo(body);

        assertThat(requestCopy(mode + "echo")).isEqualTo(body);
        assertThat(responseCopy(mode + "echo")).isEqualTo(body);
    }

    private static final class Echo implements ReadListener, WriteListener {
        private final ServletInputStream in;
        private final ServletOutputStream out;
        private final AsyncContext context;
        private final byte[] buffer = new byte[512];
        private boolean completed;

        Echo(HttpServletRequest request, HttpServletResponse response) throws IOException {
            context = request.startAsync();
            in = request.getInputStream();
            out = response.getOutputStream();
            in.setReadListener(this);
            out.setWriteListener(this);
        }

        private void copy() throws IOException {
            while (out.isReady() && !in.isFinished() && in.isReady()) {
                int length = in.read(buffer);
                if (length > 0) {
                    out.write(buffer, 0, length);
                }
            }
            if (in.isFinished() && out.isReady() && !completed) {
                completed = true;
                context.complete();
            }
        }

        @Override
        public void onDataAvailable() throws IOException {
            copy();
        }

        @Override
        public void onWritePossible() throws IOException {
            copy();
        }

        @Override
        public void onAllDataRead() throws IOException {
            copy();
        }

        @Override
        public void onError(Throwable thrown) {
            context.complete();
        }
    }

    // Where nobody asks

    @Test
    void where_nobody_asks_the_response_and_the_streams_are_the_containers_own() throws Exception {
        CompletableFuture<Object[]> seen = new CompletableFuture<>();
        service.on(
                "own",
                (request, response) ->
                        seen.complete(new Object[] {response, request.getInputStream(), response.getOutputStream()}));

        service.post("/plain/own", "x");

        assertThat(seen.get()[0]).isNotInstanceOf(HttpServletResponseWrapper.class);
        assertThat(seen.get())
                .allSatisfy(each -> assertThat(each.getClass().getName()).doesNotStartWith("dev.crosscut"));
        assertThat(exchange("/plain/own").requestCopy()).isEmpty();
        assertThat(exchange("/plain/own").responseCopy()).isEmpty();
    }
}
