package dev.crosscut.servlet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.crosscut.core.Decision;
import dev.crosscut.core.Outcome;
import dev.crosscut.core.Reply;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NonBlockingTest extends ServiceTest {

    private static final String LARGE = "0123456789".repeat(50_000);

    /** Reads all, then answers with what {@code answer} makes of it. */
    private abstract static class Reading implements ReadListener {
        final ByteArrayOutputStream read = new ByteArrayOutputStream();
        final ServletInputStream in;
        final AsyncContext context;

        Reading(HttpServletRequest request) throws IOException {
            context = request.startAsync();
            in = request.getInputStream();
        }

        @Override
        public void onDataAvailable() throws IOException {
            byte[] buffer = new byte[100];
            while (in.isReady() && !in.isFinished()) {
                int length = in.read(buffer);
                if (length > 0) {
                    read.write(buffer, 0, length);
                }
            }
        }

        @Override
        public void onError(Throwable thrown) {
            context.complete();
        }
    }

    /** Writes a text in pieces, each when it may. */
    private static final class Writing implements WriteListener {
        private final ServletOutputStream out;
        private final AsyncContext context;
        private final byte[] text;
        private int written;

        Writing(AsyncContext context, HttpServletResponse response, String text) throws IOException {
            this.context = context;
            this.out = response.getOutputStream();
            this.text = text.getBytes(StandardCharsets.ISO_8859_1);
        }

        @Override
        public void onWritePossible() throws IOException {
            while (out.isReady()) {
                if (written == text.length) {
                    context.complete();
                    return;
                }
                int piece = Math.min(999, text.length - written);
                out.write(text, written, piece);
                written += piece;
            }
        }

        @Override
        public void onError(Throwable thrown) {
            context.complete();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/plain/", "/buffered/", "/both/", "/copied/", "/both-copied/"})
    void a_body_is_read_by_a_listener_after_the_handler_returned(String mode) throws Exception {
        Queue<String> order = new ConcurrentLinkedQueue<>();
        service.on("reads", (request, response) -> {
            request.startAsync();
            AsyncContext context = request.getAsyncContext();
            ServletInputStream in = request.getInputStream();
            ByteArrayOutputStream read = new ByteArrayOutputStream();
            in.setReadListener(new ReadListener() {
                @Override
                public void onDataAvailable() throws IOException {
                    order.add("data");
                    byte[] buffer = new byte[100];
                    while (in.isReady() && !in.isFinished()) {
                        int length = in.read(buffer);
                        if (length > 0) {
                            read.write(buffer, 0, length);
                        }
                    }
                }

                @Override
                public void onAllDataRead() throws IOException {
                    order.add("all");
                    response.getOutputStream().write(read.toByteArray());
                    context.complete();
                }

                @Override
                public void onError(Throwable thrown) {
                    order.add("error " + thrown);
                    context.complete();
                }
            });
            TimeUnit.MILLISECONDS.sleep(50); // so that a listener that is called too early is
            order.add("returned");
        });

        assertThat(service.post(mode + "reads", "hello world").text()).isEqualTo("hello world");
        assertThat(order).containsExactly("returned", "data", "all");
        assertThat(service.recorded(mode + "reads").outcome()).hasValue(Outcome.completed(200));
        if (mode.startsWith("/b")) {
            assertThat(service.guard.settled(mode + "reads").get(0).request()).hasValue("hello world");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/plain/", "/buffered/", "/copied/"})
    void an_empty_body_is_read_by_a_listener(String mode) throws Exception {
        service.on("reads-nothing", (request, response) -> {
            Reading reading = new Reading(request) {
                @Override
                public void onAllDataRead() throws IOException {
                    response.getOutputStream().print("[" + read.size() + "]");
                    context.complete();
                }
            };
            reading.in.setReadListener(reading);
        });

        assertThat(service.get(mode + "reads-nothing").text()).isEqualTo("[0]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/plain/", "/buffered/", "/copied/"})
    void a_listener_that_throws_hears_of_it(String mode) throws Exception {
        CompletableFuture<Throwable> heard = new CompletableFuture<>();
        service.on("read-throws", (request, response) -> {
            Reading reading = new Reading(request) {
                @Override
                public void onDataAvailable() {
                    throw new IllegalStateException("on purpose");
                }

                @Override
                public void onAllDataRead() {}

                @Override
                public void onError(Throwable thrown) {
                    heard.complete(thrown);
                    context.complete();
                }
            };
            reading.in.setReadListener(reading);
        });

        try (Wire wire = new Wire(service.port())) {
            wire.send(Wire.request("x", "POST " + mode + "read-throws"));
            assertThat(heard.get(20, TimeUnit.SECONDS)).hasMessage("on purpose");
        }
        assertThat(service.recorded(mode + "read-throws").outcome()).isPresent();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/plain/", "/buffered/", "/copied/"})
    void a_listener_is_set_once_on_an_asynchronous_request_and_is_one(String mode) throws Exception {
        service.on("misuses", (request, response) -> {
            ServletInputStream in = request.getInputStream();
            assertThatThrownBy(() -> in.setReadListener(new Ignoring())).isInstanceOf(IllegalStateException.class);
            AsyncContext context = request.startAsync();
            assertThatThrownBy(() -> in.setReadListener(null)).isInstanceOf(NullPointerException.class);
            in.setReadListener(new Ignoring());
            assertThatThrownBy(() -> in.setReadListener(new Ignoring())).isInstanceOf(IllegalStateException.class);
            response.getWriter().print("as it should");
            context.complete();
        });

        assertThat(service.post(mode + "misuses", "x").text()).isEqualTo("as it should");
    }

    private static final class Ignoring implements ReadListener {
        @Override
        public void onDataAvailable() {}

        @Override
        public void onAllDataRead() {}

        @Override
        public void onError(Throwable thrown) {}
    }

    @ParameterizedTest
    @ValueSource(strings = {"/plain/", "/held/", "/copied/", "/held-copied/"})
    void a_response_is_written_by_a_listener(String mode) throws Exception {
        service.on("writes", (request, response) -> {
            AsyncContext context = request.startAsync();
            response.getOutputStream().setWriteListener(new Writing(context, response, "x".repeat(TestGuard.BOUND)));
        });
        String path = mode + "writes";

        assertThat(service.get(path).text()).isEqualTo("x".repeat(TestGuard.BOUND));
        assertThat(service.recorded(path).outcome()).hasValue(Outcome.completed(200));
        if (mode.startsWith("/held")) {
            assertThat(service.guard.settled(path).get(0).response()).hasValue("x".repeat(TestGuard.BOUND));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/plain/", "/held/", "/copied/", "/held-copied/"})
    void a_response_over_the_bound_is_written_by_a_listener_as_fast_as_the_client_reads(String mode) throws Exception {
        String path = mode + "writes-large";
        service.on("writes-large", (request, response) -> {
            AsyncContext context = request.startAsync();
            response.getOutputStream().setWriteListener(new Writing(context, response, LARGE));
        });

        assertThat(service.get(path).text()).isEqualTo(LARGE);
        assertThat(service.recorded(path).outcome()).hasValue(Outcome.completed(200));
        assertThat(service.guard.settled(path)).hasSize(1);
    }

    @Test
    void an_answer_takes_the_place_of_what_a_listener_wrote() throws Exception {
        Reply reply = Reply.problem(503, "x", "Not stored").reply();
        for (String name : List.of("writes-replaced", "writes-large-replaced")) {
            String path = "/held/" + name;
            service.guard.settleWith(path, Decision.answer(reply));
            service.on(name, (request, response) -> {
                AsyncContext context = request.startAsync();
                String text = name.contains("large") ? LARGE : "never seen";
                response.getOutputStream().setWriteListener(new Writing(context, response, text));
            });

            Wire.Response response = service.get(path);

            assertThat(response.status()).as(name).isEqualTo(503);
            assertThat(response.text()).contains("Not stored");
            assertThat(response.complete()).isTrue();
            assertThat(service.recorded(path).outcome().orElseThrow()).isInstanceOf(Outcome.Answered.class);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/plain/", "/buffered/", "/held/", "/both/", "/copied/", "/both-copied/"})
    void a_listener_reads_while_another_writes_and_never_at_the_same_time(String mode) throws Exception {
        Queue<String> overlaps = new ConcurrentLinkedQueue<>();
        service.on("echoes", (request, response) -> new Echo(request, response, overlaps));

        String body = "0123456789".repeat(mode.startsWith("/b") ? 100 : 20_000);
        for (int i = 0; i < 10; i++) {
            String got = service.post(mode + "echoes", body).text();
            assertThat(overlaps).isEmpty();
            assertThat(got).hasSize(body.length()).isEqualTo(body);
        }
    }

    /** Writes what it reads; not made for two threads at once, as no container calls it from two. */
    private static final class Echo implements ReadListener, WriteListener {
        private final ServletInputStream in;
        private final ServletOutputStream out;
        private final AsyncContext context;
        private final Queue<String> overlaps;
        private final byte[] buffer = new byte[512];
        private boolean completed;
        private volatile Thread inside;

        Echo(HttpServletRequest request, HttpServletResponse response, Queue<String> overlaps) throws IOException {
            this.overlaps = overlaps;
            context = request.startAsync();
            in = request.getInputStream();
            out = response.getOutputStream();
            in.setReadListener(this);
            out.setWriteListener(this);
        }

        private void copy() throws IOException {
            if (inside != null) {
                overlaps.add(inside + " and " + Thread.currentThread());
            }
            inside = Thread.currentThread();
            while (out.isReady() && !in.isFinished() && in.isReady()) {
                int length = in.read(buffer);
                if (length > 0) {
                    out.write(buffer, 0, length);
                }
            }
            boolean done = in.isFinished() && out.isReady() && !completed;
            inside = null;
            if (done) {
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
            overlaps.add("error " + thrown);
            context.complete();
        }
    }

    @Test
    void a_listener_set_after_a_dispatch_back_reads_the_buffered_body() throws Exception {
        service.on("reads-later", (request, response) -> {
            if (request.getDispatcherType() == DispatcherType.REQUEST) {
                request.startAsync().dispatch();
                return;
            }
            Reading reading = new Reading(request) {
                @Override
                public void onAllDataRead() throws IOException {
                    response.getOutputStream().write(read.toByteArray());
                    context.complete();
                }
            };
            reading.in.setReadListener(reading);
        });

        assertThat(service.post("/buffered/reads-later", "hello").text()).isEqualTo("hello");
    }
}
