package dev.crosscut.tracing;

import dev.crosscut.core.Exchange;
import dev.crosscut.core.Setting;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What tracing can be set to. */
final class TracingSettings {

    private static final Pattern FIELD_NAME = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");
    private static final String EXPECTED_FIELD_NAMES =
            "the name of a header field (RFC 9110, 5.1) other than Authorization, Proxy-Authorization, Cookie and Set-Cookie";
    private static final Set<String> SECRET_FIELDS =
            Set.of("authorization", "proxy-authorization", "cookie", "set-cookie");

    private static final String EXPECTED_KEYS = String.join(", ", SpanAttributes.KNOWN)
            + ", or the name of a key of the service's own, which is not nearly one of these";

    /** What can be read from incoming headers and written to outgoing ones. */
    enum Format {
        TRACECONTEXT,
        BAGGAGE,
        B3,
        B3MULTI
    }

    /** Conventions that are not stable yet. */
    enum Experimental {
        RPC,
        MESSAGING
    }

    /** Where an exception goes that ended an exchange. */
    enum Exceptions {
        LOGS,
        EVENTS,
        NONE
    }

    /** By which a reply tells its trace. */
    enum ReplyHeader {
        TRACERESPONSE,
        SERVER_TIMING
    }

    static final Setting<List<Format>> PROPAGATORS = Setting.choice(
                    "crosscut.tracing.propagators",
                    "What is read of an incoming trace and written to outgoing calls: `tracecontext` (W3C), `baggage`, `b3`"
                            + " (one header), `b3multi`. Both forms of B3 are read where one of them is named. Of several"
                            + " that bring a trace, the first named counts.",
                    Format.class)
            .list()
            .or(List.of(Format.TRACECONTEXT, Format.BAGGAGE));

    static final Setting<List<String>> BAGGAGE = Setting.text(
                    "crosscut.tracing.baggage",
                    "The keys of the `baggage` that a caller may bring; all other entries end here. What the service adds"
                            + " itself is sent in any case.")
            .list()
            .or(List.of());

    static final Setting<List<Exchange.Kind>> SPANS = Setting.choice(
                    "crosscut.tracing.spans",
                    "The kinds of exchange that get a span. The trace is handed on by all. With an agent that makes spans of"
                            + " outgoing calls itself, leave out `client` and `producer`.",
                    Exchange.Kind.class)
            .list()
            .or(List.of(Exchange.Kind.values()));

    static final Setting<Boolean> SAMPLED = Setting.flag(
                    "crosscut.tracing.sampled",
                    "Whether a trace that begins here says that it is sampled, where no SDK decides that. Services behind this"
                            + " one usually go by it: where it is false, they record nothing of the trace.")
            .or(true);

    static final Setting<Boolean> UNSAMPLED_ATTRIBUTES = Setting.flag(
                    "crosscut.tracing.unsampled-attributes",
                    "Whether a sampler sees attributes also where the caller has not sampled. Only one needs them that does not"
                            + " go by the caller; spans that are recorded have their attributes in any case.")
            .or(false);

    static final Setting<List<Experimental>> EXPERIMENTAL = Setting.choice(
                    "crosscut.tracing.experimental",
                    "Semantic conventions that are not stable, and may change with any release: `rpc`, `messaging`.",
                    Experimental.class)
            .list()
            .or(List.of());

    static final Setting<List<String>> KNOWN_METHODS = Setting.text(
                    "crosscut.tracing.known-methods",
                    "The HTTP methods that spans name; all others are `_OTHER`. By default what"
                            + " `OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS` says, or else those of RFC 9110, `PATCH` and"
                            + " `QUERY`.")
            .list()
            .or(List.of());

    static final Setting<List<String>> REQUEST_HEADERS = headers(
            "crosscut.tracing.request-headers",
            "Headers of requests that spans have, as `http.request.header.<name>`. Their values are not masked: list no header"
                    + " that carries a secret.");

    static final Setting<List<String>> RESPONSE_HEADERS = headers(
            "crosscut.tracing.response-headers",
            "Headers of responses that spans have, as `http.response.header.<name>`. Their values are not masked: list no"
                    + " header that carries a secret.");

    static final Setting<List<String>> REDACTED_PARAMETERS = Setting.text(
                    "crosscut.tracing.redacted-parameters",
                    "Parameters, of queries and of segments of paths (`;name=value`), whose values are `REDACTED` on"
                            + " spans. Case matters.")
            .list()
            .or(List.of(
                    "X-Amz-Signature",
                    "X-Amz-Credential",
                    "X-Amz-Security-Token",
                    "AWSAccessKeyId",
                    "Signature",
                    "sig",
                    "X-Goog-Signature",
                    "access_token",
                    "client_secret"));

    static final Setting<Boolean> FORWARDED = Setting.flag(
                    "crosscut.tracing.forwarded",
                    "Whether spans of requests have the client, the scheme and the host that `Forwarded` (RFC 7239) or"
                            + " `X-Forwarded-*` names. To be false where no proxy sets them: a client can.")
            .or(true);

    static final Setting<List<String>> ATTRIBUTES = Setting.text(
                    "crosscut.tracing.attributes", "The loggable keys of the exchange that its span has too.")
            .check(EXPECTED_KEYS, name -> !KeyNames.isMisspelt(name, SpanAttributes.KNOWN))
            .list()
            .or(List.of("correlation_id", "tenant", "tenant_tier", "decision", "idempotency"));

    static final Setting<Exceptions> EXCEPTIONS = Setting.choice(
                    "crosscut.tracing.exceptions",
                    "Where the exception goes that an exchange failed with: `logs` to a log record of OpenTelemetry, `events`"
                            + " to an event of the span, as it was done earlier, `none` where the lines of the log say it.",
                    Exceptions.class)
            .or(Exceptions.LOGS);

    static final Setting<Boolean> EXCEPTION_MESSAGES = Setting.flag(
                    "crosscut.tracing.exception-messages",
                    "Whether the record or event of an exception has its message, which is not masked.")
            .or(false);

    static final Setting<List<ReplyHeader>> REPLY_HEADERS = Setting.choice(
                    "crosscut.tracing.reply-headers",
                    "By which headers a reply tells its trace: `traceresponse` (W3C), `server-timing`. Whoever gets the reply"
                            + " sees the ids.",
                    ReplyHeader.class)
            .list()
            .or(List.of());

    static final List<Setting<?>> ALL = List.of(
            PROPAGATORS,
            BAGGAGE,
            SPANS,
            SAMPLED,
            UNSAMPLED_ATTRIBUTES,
            EXPERIMENTAL,
            KNOWN_METHODS,
            REQUEST_HEADERS,
            RESPONSE_HEADERS,
            REDACTED_PARAMETERS,
            FORWARDED,
            ATTRIBUTES,
            EXCEPTIONS,
            EXCEPTION_MESSAGES,
            REPLY_HEADERS);

    private static final List<String> METHODS =
            List.of("CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY", "TRACE");

    private TracingSettings() {}

    private static Setting<List<String>> headers(String key, String description) {
        return Setting.text(key, description)
                .check(EXPECTED_FIELD_NAMES, TracingSettings::mayBeCaptured)
                .list()
                .or(List.of());
    }

    private static boolean mayBeCaptured(String name) {
        return FIELD_NAME.matcher(name).matches() && !SECRET_FIELDS.contains(name.toLowerCase(Locale.ROOT));
    }

    /** The methods that are known: those that are set, else those of OpenTelemetry's environment, else the usual ones. */
    static List<String> knownMethods(List<String> set) {
        if (!set.isEmpty()) {
            return set;
        }
        String property = System.getProperty("otel.instrumentation.http.known-methods");
        String text = property == null ? System.getenv("OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS") : property;
        return methods(text);
    }

    private static List<String> methods(@Nullable String text) {
        if (text == null || text.isBlank()) {
            return METHODS;
        }
        return Arrays.stream(text.split(","))
                .map(String::strip)
                .filter(method -> !method.isEmpty())
                .toList();
    }
}
