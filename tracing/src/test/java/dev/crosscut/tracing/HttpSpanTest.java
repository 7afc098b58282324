package dev.crosscut.tracing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.crosscut.core.Call;
import dev.crosscut.core.Exchange.Kind;
import dev.crosscut.core.Key;
import dev.crosscut.core.Outcome;
import dev.crosscut.core.Reply;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.trace.data.LinkData;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.data.StatusData;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import io.opentelemetry.sdk.trace.samplers.SamplingResult;
import io.opentelemetry.semconv.ClientAttributes;
import io.opentelemetry.semconv.ErrorAttributes;
import io.opentelemetry.semconv.HttpAttributes;
import io.opentelemetry.semconv.NetworkAttributes;
import io.opentelemetry.semconv.ServerAttributes;
import io.opentelemetry.semconv.UrlAttributes;
import io.opentelemetry.semconv.UserAgentAttributes;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Spans of HTTP by the stable semantic conventions. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@ExtendWith(StorageFirst.class)
class HttpSpanTest {

    private Recorder recorder = new Recorder();

    @AfterEach
    void close() {
        assertThat(recorder.crosscut.faults()).isEmpty();
        recorder.close();
    }

    private static TestExchange server() {
        return new TestExchange(Kind.SERVER)
                .operation("POST")
                .query("size=2&sig=c2VjcmV0&Sig=kept&x")
                .header("User-Agent", "curl/8")
                .attribute("url.scheme", "http")
                .attribute("server.address", "pay.example")
                .attribute("server.port", 8080L)
                .attribute("client.address", "10.0.0.7")
                .attribute("network.peer.address", "10.0.0.7")
                .attribute("network.peer.port", 40123L)
                .attribute("network.protocol.version", "1.1");
    }

    private static TestExchange client(String url) {
        return new TestExchange(Kind.CLIENT)
                .attribute("url.scheme", "https")
                .attribute("url.full", url)
                .attribute("server.address", "ledger.example")
                .attribute("server.port", 443L)
                .attribute("network.protocol.version", "2");
    }

    private void use(Recorder other) {
        recorder.close();
        recorder = other;
    }

    @Test
    void a_request_that_comes_in_has_all_that_the_conventions_ask_for_and_nothing_else() {
        TestExchange exchange = server();
        exchange.put(Key.ROUTE, "/payments/{id}");
        exchange.header("X-Correlation-ID", "corr-1");

        SpanData span = recorder.span(exchange, Outcome.completed(201));

        assertThat(span.getName()).isEqualTo("POST /payments/{id}");
        assertThat(span.getKind()).isEqualTo(SpanKind.SERVER);
        assertThat(span.getStatus()).isEqualTo(StatusData.unset());
        assertThat(span.getEvents()).isEmpty();
        assertThat(span.getAttributes().asMap())
                .isEqualTo(Attributes.builder()
                        .put(HttpAttributes.HTTP_REQUEST_METHOD, "POST")
                        .put(HttpAttributes.HTTP_ROUTE, "/payments/{id}")
                        .put(HttpAttributes.HTTP_RESPONSE_STATUS_CODE, 201L)
                        .put(UrlAttributes.URL_PATH, "/payments/17")
                        .put(UrlAttributes.URL_QUERY, "size=2&sig=REDACTED&Sig=kept&x")
                        .put(UrlAttributes.URL_SCHEME, "http")
                        .put(ServerAttributes.SERVER_ADDRESS, "pay.example")
                        .put(ServerAttributes.SERVER_PORT, 8080L)
                        .put(ClientAttributes.CLIENT_ADDRESS, "10.0.0.7")
                        .put(NetworkAttributes.NETWORK_PEER_ADDRESS, "10.0.0.7")
                        .put(NetworkAttributes.NETWORK_PEER_PORT, 40123L)
                        .put(NetworkAttributes.NETWORK_PROTOCOL_VERSION, "1.1")
                        .put(UserAgentAttributes.USER_AGENT_ORIGINAL, "curl/8")
                        .put(AttributeKey.stringKey("crosscut.correlation.id"), "corr-1")
                        .build()
                        .asMap());
    }

    @Test
    void a_span_is_never_named_by_a_path_and_by_the_route_even_where_that_is_found_late() {
        assertThat(recorder.span(server(), Outcome.completed(404)).getName()).isEqualTo("POST");

        TestExchange late = server();
        Call call = recorder.crosscut.begin(late);
        late.put(Key.ROUTE, "/payments/{id}");
        call.end(Outcome.completed(200));
        assertThat(recorder.last().getName()).isEqualTo("POST /payments/{id}");
    }

    @Test
    void a_method_that_is_not_known_is_other() {
        SpanData span = recorder.span(server().operation("BREW"), Outcome.completed(405));

        assertThat(span.getName()).isEqualTo("HTTP");
        assertThat(span.getAttributes().get(HttpAttributes.HTTP_REQUEST_METHOD)).isEqualTo("_OTHER");
        assertThat(span.getAttributes().get(HttpAttributes.HTTP_REQUEST_METHOD_ORIGINAL))
                .isEqualTo("BREW");
        assertThat(recorder.span(server().operation("get"), Outcome.completed(405))
                        .getName())
                .isEqualTo("HTTP");

        use(new Recorder(b -> b.property("crosscut.tracing.known-methods", "BREW")));
        assertThat(recorder.span(server().operation("BREW"), Outcome.completed(200))
                        .getName())
                .isEqualTo("BREW");
        assertThat(recorder.span(server(), Outcome.completed(200)).getName()).isEqualTo("HTTP");
    }

    @ParameterizedTest
    @CsvSource({
        "SERVER,404,",
        "SERVER,499,",
        "SERVER,500,500",
        "SERVER,503,503",
        "CLIENT,302,",
        "CLIENT,404,404",
        "CLIENT,500,500"
    })
    void a_status_is_an_error_of_who_made_it(Kind kind, int status, String error) {
        TestExchange exchange = kind == Kind.SERVER
                ? server()
                : client("https://ledger.example/entries").status(status);

        SpanData span = recorder.span(exchange, Outcome.completed(status));

        assertThat(span.getAttributes().get(ErrorAttributes.ERROR_TYPE)).isEqualTo(error);
        assertThat(span.getStatus().getStatusCode()).isEqualTo(error == null ? StatusCode.UNSET : StatusCode.ERROR);
        assertThat(span.getStatus().getDescription()).isEmpty();
        assertThat(span.getAttributes().get(HttpAttributes.HTTP_RESPONSE_STATUS_CODE))
                .isEqualTo((long) status);
    }

    @Test
    void an_exception_is_an_error_of_its_class_and_one_that_the_caller_is_to_blame_for_is_none() {
        SpanData failed = recorder.span(server(), Outcome.failed(new IllegalStateException("secret")));
        assertThat(failed.getAttributes().get(ErrorAttributes.ERROR_TYPE)).isEqualTo("java.lang.IllegalStateException");
        assertThat(failed.getAttributes().get(HttpAttributes.HTTP_RESPONSE_STATUS_CODE))
                .isNull();
        assertThat(failed.getStatus()).isEqualTo(StatusData.error());
        assertThat(failed.toString()).doesNotContain("secret");

        SpanData refused = recorder.span(server(), Outcome.failed(new IllegalArgumentException("bad"), 400));
        assertThat(refused.getStatus()).isEqualTo(StatusData.unset());
        assertThat(recorder.logs.getFinishedLogRecordItems()).hasSize(1);
    }

    @Test
    void a_cancelled_exchange_is_no_error() {
        SpanData span = recorder.span(client("https://ledger.example/"), Outcome.cancelled("the caller gave up"));

        assertThat(span.getStatus()).isEqualTo(StatusData.unset());
        assertThat(span.getAttributes().get(ErrorAttributes.ERROR_TYPE)).isNull();
    }

    @Test
    void a_request_that_goes_out_has_its_url_without_who_logs_in_and_without_signatures() {
        SpanData span = recorder.span(
                client("https://joe:pw@ledger.example/e/1?X-Amz-Signature=abc&a=b@c#part")
                        .status(200),
                Outcome.completed(200));

        assertThat(span.getName()).isEqualTo("GET");
        assertThat(span.getKind()).isEqualTo(SpanKind.CLIENT);
        assertThat(span.getAttributes().asMap())
                .isEqualTo(Attributes.builder()
                        .put(HttpAttributes.HTTP_REQUEST_METHOD, "GET")
                        .put(HttpAttributes.HTTP_RESPONSE_STATUS_CODE, 200L)
                        .put(
                                UrlAttributes.URL_FULL,
                                "https://REDACTED:REDACTED@ledger.example/e/1?X-Amz-Signature=REDACTED&a=b@c#part")
                        .put(ServerAttributes.SERVER_ADDRESS, "ledger.example")
                        .put(ServerAttributes.SERVER_PORT, 443L)
                        .put(NetworkAttributes.NETWORK_PROTOCOL_VERSION, "2")
                        .put(AttributeKey.stringKey("crosscut.correlation.id"), correlation(span))
                        .build()
                        .asMap());
    }

    private static String correlation(SpanData span) {
        return span.getAttributes().get(AttributeKey.stringKey("crosscut.correlation.id"));
    }

    @ParameterizedTest
    @CsvSource({
        "https://h/p, https://h/p",
        "https://u@h/p, https://REDACTED:REDACTED@h/p",
        "https://u:p@h?sig=1, https://REDACTED:REDACTED@h?sig=REDACTED",
        "https://u:p@h#f, https://REDACTED:REDACTED@h#f",
        "https://h/a@b?c=d@e, https://h/a@b?c=d@e",
        "https://h/p?sig=&x=1&sig=2, https://h/p?sig=REDACTED&x=1&sig=REDACTED",
        "https://h/p#a?sig=1, https://h/p#a?sig=1",
        "https://h/p?s%69g=1&%zz=2, https://h/p?s%69g=REDACTED&%zz=2",
        "https://h/a;JSESSIONID=47;b=c/d;jsessionid=48, https://h/a;JSESSIONID=REDACTED;b=c/d;jsessionid=REDACTED",
        "https://h/a;v=1;sig=x/b;sig=y?sig=z, https://h/a;v=1;sig=REDACTED/b;sig=REDACTED?sig=REDACTED",
        "https://h/a;sig;sig=;Sig=x;s%69g=y#f, https://h/a;sig;sig=REDACTED;Sig=x;s%69g=REDACTED#f",
        "https://h/sig=1;/;;b=sig=2, https://h/sig=1;/;;b=sig=2",
        "mailto:x@y, mailto:x@y"
    })
    void urls_are_redacted_and_otherwise_as_they_are(String url, String redacted) {
        assertThat(new Redaction(java.util.Set.of("sig")).url(url)).isEqualTo(redacted);
    }

    @Test
    void what_is_redacted_in_a_query_is_in_a_path_too() {
        TestExchange signed = server().path("/files;access_token=c2VjcmV0;v=2/17;jsessionid=c2VjcmV0");

        assertThat(recorder.span(signed, Outcome.completed(200)).getAttributes().get(UrlAttributes.URL_PATH))
                .isEqualTo("/files;access_token=REDACTED;v=2/17;jsessionid=REDACTED");
        SpanData call =
                recorder.span(client("https://ledger.example/files;client_secret=c2VjcmV0"), Outcome.completed(200));
        assertThat(call.getAttributes().get(UrlAttributes.URL_FULL))
                .isEqualTo("https://ledger.example/files;client_secret=REDACTED");
    }

    @Test
    void proxies_say_who_asked_and_for_what() {
        TestExchange standard = server().header(
                        "Forwarded", "for=\"[2001:db8::1]:4711\";proto=HTTPS;host=\"shop.example:8443\", for=10.0.0.1")
                .header("X-Forwarded-For", "192.0.2.1");
        Attributes first = recorder.span(standard, Outcome.completed(200)).getAttributes();
        assertThat(first.get(ClientAttributes.CLIENT_ADDRESS)).isEqualTo("2001:db8::1");
        assertThat(first.get(UrlAttributes.URL_SCHEME)).isEqualTo("https");
        assertThat(first.get(ServerAttributes.SERVER_ADDRESS)).isEqualTo("shop.example");
        assertThat(first.get(ServerAttributes.SERVER_PORT)).isEqualTo(8443L);
        assertThat(first.get(NetworkAttributes.NETWORK_PEER_ADDRESS)).isEqualTo("10.0.0.7");

        TestExchange usual = server().header("X-Forwarded-For", " 192.0.2.1:99 , 10.0.0.1")
                .header("X-Forwarded-Proto", "https")
                .header("X-Forwarded-Host", "shop.example");
        Attributes second = recorder.span(usual, Outcome.completed(200)).getAttributes();
        assertThat(second.get(ClientAttributes.CLIENT_ADDRESS)).isEqualTo("192.0.2.1");
        assertThat(second.get(ServerAttributes.SERVER_ADDRESS)).isEqualTo("shop.example");
        assertThat(second.get(ServerAttributes.SERVER_PORT)).isEqualTo(443L);

        use(new Recorder(b -> b.property("crosscut.tracing.forwarded", "false")));
        Attributes third = recorder.span(usualAgain(), Outcome.completed(200)).getAttributes();
        assertThat(third.get(ClientAttributes.CLIENT_ADDRESS)).isEqualTo("10.0.0.7");
        assertThat(third.get(ServerAttributes.SERVER_ADDRESS)).isEqualTo("pay.example");
    }

    @Test
    void a_proxy_that_says_only_the_scheme_changes_the_port_that_is_its_default() {
        TestExchange shop = new TestExchange(Kind.SERVER)
                .attribute("url.scheme", "http")
                .attribute("server.address", "shop.example")
                .attribute("server.port", 80L)
                .header("X-Forwarded-Proto", "https");
        Attributes attributes = recorder.span(shop, Outcome.completed(200)).getAttributes();
        assertThat(attributes.get(UrlAttributes.URL_SCHEME)).isEqualTo("https");
        assertThat(attributes.get(ServerAttributes.SERVER_PORT)).isEqualTo(443L);

        Attributes kept = recorder.span(server().header("X-Forwarded-Proto", "https"), Outcome.completed(200))
                .getAttributes();
        assertThat(kept.get(ServerAttributes.SERVER_PORT)).isEqualTo(8080L);
        Attributes said = recorder.span(server().header("X-Forwarded-Port", "8443"), Outcome.completed(200))
                .getAttributes();
        assertThat(said.get(ServerAttributes.SERVER_PORT)).isEqualTo(8443L);
    }

    @ParameterizedTest
    @ValueSource(strings = {"for=unknown", "for=_hidden", "for=\"_x\"", "by=10.0.0.1"})
    void a_client_that_a_proxy_does_not_name_is_the_peer(String header) {
        Attributes attributes = recorder.span(server().header("Forwarded", header), Outcome.completed(200))
                .getAttributes();

        assertThat(attributes.get(ClientAttributes.CLIENT_ADDRESS)).isEqualTo("10.0.0.7");
    }

    @Test
    void delimiters_in_quotes_are_none() {
        Attributes attributes = recorder.span(
                        server().header("Forwarded", "for=\"a,b;c\";host=h.example"), Outcome.completed(200))
                .getAttributes();

        assertThat(attributes.get(ClientAttributes.CLIENT_ADDRESS)).isEqualTo("a,b;c");
        assertThat(attributes.get(ServerAttributes.SERVER_ADDRESS)).isEqualTo("h.example");
    }

    @Test
    void the_status_of_a_call_is_what_was_received() {
        SpanData broken =
                recorder.span(client("https://ledger.example/").status(200), Outcome.failed(new IOException("body")));
        assertThat(broken.getAttributes().get(HttpAttributes.HTTP_RESPONSE_STATUS_CODE))
                .isEqualTo(200L);
        assertThat(broken.getAttributes().get(ErrorAttributes.ERROR_TYPE)).isEqualTo("java.io.IOException");

        SpanData refused = recorder.span(
                client("https://ledger.example/"),
                new Outcome.Answered(Reply.problem(403, "denied", "Denied").reply(), "guard"));
        assertThat(refused.getAttributes().get(HttpAttributes.HTTP_RESPONSE_STATUS_CODE))
                .isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"Authorization", "cookie", "SET-COOKIE", "Proxy-Authorization", "bad name"})
    void a_header_that_carries_a_secret_is_refused(String name) {
        assertThatThrownBy(() -> new Recorder(b -> b.property("crosscut.tracing.request-headers", name)))
                .hasMessageContaining("crosscut.tracing.request-headers")
                .hasMessageContaining("other than Authorization");
    }

    private static TestExchange usualAgain() {
        return server().header("X-Forwarded-For", "192.0.2.1").header("X-Forwarded-Host", "shop.example");
    }

    @ParameterizedTest
    @CsvSource({"'for='", "'for=\"'", "';;;=;'", "'for=[::1'", "'host=:99999999'", "'host=\"a:b:c\"'", "'proto'"})
    void nothing_that_a_client_calls_forwarded_costs_the_span(String header) {
        SpanData span = recorder.span(server().header("Forwarded", header), Outcome.completed(200));

        assertThat(span.getAttributes().get(UrlAttributes.URL_PATH)).isEqualTo("/payments/17");
        assertThat(span.getAttributes().get(UrlAttributes.URL_SCHEME)).isEqualTo("http");
        assertThat(span.getAttributes().get(NetworkAttributes.NETWORK_PEER_ADDRESS))
                .isEqualTo("10.0.0.7");
    }

    @Test
    void headers_are_taken_only_where_they_are_listed() {
        use(new Recorder(b -> b.property("crosscut.tracing.request-headers", "X-Tenant, X-Missing")
                .property("crosscut.tracing.response-headers", "Content-Type")));
        TestExchange exchange = server().header("X-Tenant", "a", "b").header("Authorization", "Bearer secret");
        exchange.responseHeader("Content-Type", "text/plain");

        Attributes attributes = recorder.span(exchange, Outcome.completed(200)).getAttributes();

        assertThat(attributes.get(AttributeKey.stringArrayKey("http.request.header.x-tenant")))
                .isEqualTo(List.of("a", "b"));
        assertThat(attributes.get(AttributeKey.stringArrayKey("http.response.header.content-type")))
                .isEqualTo(List.of("text/plain"));
        assertThat(attributes.toString()).doesNotContain("secret", "x-missing");
    }

    /** Decides the same for all, and keeps what it was told. */
    private static final class Asked implements Sampler {

        private final SamplingResult decision;
        private Attributes seen = Attributes.empty();

        Asked(SamplingResult decision) {
            this.decision = decision;
        }

        @Override
        public SamplingResult shouldSample(
                Context parent,
                String traceId,
                String name,
                SpanKind kind,
                Attributes attributes,
                List<LinkData> links) {
            seen = attributes;
            return decision;
        }

        @Override
        public String getDescription() {
            return "the same for all";
        }
    }

    private static final AttributeKey<?>[] AT_START = {
        HttpAttributes.HTTP_REQUEST_METHOD,
        UrlAttributes.URL_PATH,
        UrlAttributes.URL_QUERY,
        UrlAttributes.URL_SCHEME,
        ServerAttributes.SERVER_ADDRESS,
        ServerAttributes.SERVER_PORT,
        ClientAttributes.CLIENT_ADDRESS,
        NetworkAttributes.NETWORK_PEER_ADDRESS,
        UserAgentAttributes.USER_AGENT_ORIGINAL
    };

    private static final String CALLER = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0";

    @ParameterizedTest
    @ValueSource(strings = {"", CALLER + "1", CALLER + "3"})
    void a_sampler_sees_what_it_may_decide_by(String traceparent) {
        Asked sampler = new Asked(SamplingResult.drop());
        use(new Recorder(sampler, b -> b));

        recorder.crosscut.begin(server().header("traceparent", traceparent)).end(Outcome.completed(200));

        assertThat(sampler.seen.asMap()).containsKeys(AT_START);
        assertThat(recorder.spans.getFinishedSpanItems()).isEmpty();
    }

    @Test
    void where_the_caller_has_not_sampled_a_sampler_sees_attributes_only_if_it_is_set_to() {
        Asked sampler = new Asked(SamplingResult.drop());
        use(new Recorder(sampler, b -> b));
        recorder.crosscut.begin(server().header("traceparent", CALLER + "0")).end(Outcome.completed(200));
        assertThat(sampler.seen.isEmpty()).isTrue();

        use(new Recorder(sampler, b -> b.property("crosscut.tracing.unsampled-attributes", "true")));
        recorder.crosscut.begin(server().header("traceparent", CALLER + "0")).end(Outcome.completed(200));
        assertThat(sampler.seen.asMap()).containsKeys(AT_START);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a_span_that_is_recorded_has_all_attributes_though_the_caller_has_not_sampled(boolean isSetTo) {
        use(new Recorder(
                new Asked(SamplingResult.recordAndSample()),
                b -> b.property("crosscut.tracing.unsampled-attributes", Boolean.toString(isSetTo))
                        .property("crosscut.tracing.request-headers", "X-Tenant")));
        TestExchange sampled = server().header("traceparent", CALLER + "1").header("X-Tenant", "a");
        TestExchange unsampled = server().header("traceparent", CALLER + "0").header("X-Tenant", "a");
        sampled.put(Key.ROUTE, "/payments/{id}");
        unsampled.put(Key.ROUTE, "/payments/{id}");

        SpanData expected = recorder.span(sampled, Outcome.completed(200));
        SpanData span = recorder.span(unsampled, Outcome.completed(200));

        assertThat(expected.getAttributes().asMap()).containsKeys(AT_START);
        assertThat(span.getAttributes().asMap())
                .hasSize(expected.getAttributes().size());
        assertThat(span.getAttributes().asMap())
                .containsKeys(AT_START)
                .containsKey(AttributeKey.stringArrayKey("http.request.header.x-tenant"));
        assertThat(span.getParentSpanId()).isEqualTo("00f067aa0ba902b7");
        assertThat(unsampled.get(Key.SAMPLED)).contains(true);
    }
}
