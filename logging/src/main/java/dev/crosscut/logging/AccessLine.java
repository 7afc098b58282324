package dev.crosscut.logging;

import dev.crosscut.core.BodyCopy;
import dev.crosscut.core.Exchange;
import dev.crosscut.core.Key;
import dev.crosscut.core.Observer;
import dev.crosscut.core.Outcome;
import dev.crosscut.core.RoutePattern;
import dev.crosscut.core.Settings;
import dev.crosscut.logging.AccessSettings.Sample;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.DoubleSupplier;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Writes one line for each exchange when it has ended: what was asked for, how it came out, how long it took, how much was
 * sent. What is kept on the exchange is on it as on every line of the exchange.
 */
final class AccessLine implements Observer.OfBodies {

    static final String LOGGER = "crosscut.access";

    private static final String HTTP = "http";
    private static final long TENTH_OF_MILLI = 100_000;
    private static final int CLIENT_ERROR = 400;
    private static final int SERVER_ERROR = 500;

    private final Logger log = LoggerFactory.getLogger(LOGGER);
    private final Set<Exchange.Kind> kinds;
    private final List<RoutePattern> excluded;
    private final List<Sample> samples;
    private final long slowNanos;
    private final Set<String> shownParameters;
    private final Payloads payloads;
    private final DoubleSupplier random;

    /** The supplier is of random numbers from 0 to below 1. */
    AccessLine(Settings settings, Masking masking, DoubleSupplier random) {
        this.kinds = EnumSet.noneOf(Exchange.Kind.class);
        this.kinds.addAll(settings.get(AccessSettings.KINDS));
        this.excluded = settings.get(AccessSettings.EXCLUDE).stream()
                .map(RoutePattern::parse)
                .toList();
        this.samples =
                settings.get(AccessSettings.SAMPLE).stream().map(Sample::parse).toList();
        this.slowNanos = settings.get(AccessSettings.SLOW).toNanos();
        this.shownParameters = Set.copyOf(settings.get(AccessSettings.QUERY_PARAMETERS));
        this.payloads = new Payloads(settings, masking);
        this.random = random;
    }

    @Override
    public Phase phase() {
        return Phase.LOGGING;
    }

    @Override
    public int requestCopy(Exchange exchange) {
        return isHttp(exchange) && exchange.kind() == Exchange.Kind.SERVER && kinds.contains(Exchange.Kind.SERVER)
                ? payloads.bound(exchange)
                : -1;
    }

    @Override
    public int responseCopy(Exchange exchange) {
        return requestCopy(exchange);
    }

    @Override
    public void end(Exchange exchange, Outcome outcome) {
        Level level = level(exchange, outcome);
        if (!kinds.contains(exchange.kind()) || !log.isEnabledForLevel(level)) {
            return;
        }
        long nanos = exchange.elapsed().toNanos();
        double rate = rate(exchange, outcome, nanos);
        if (rate < 1 && random.getAsDouble() >= rate) {
            return;
        }
        String message = message(exchange, outcome, nanos);
        LoggingEventBuilder line = line(level, exchange, outcome, nanos, rate);
        if (outcome instanceof Outcome.Failed failed) {
            line = line.setCause(failed.error());
        }
        line.log(message);
    }

    /** How many of such lines are written: 1 for all, 0 for none. */
    private double rate(Exchange exchange, Outcome outcome, long nanos) {
        boolean isAsItShould = outcome instanceof Outcome.Completed || outcome instanceof Outcome.Answered;
        if (!isAsItShould || isFailure(exchange, outcome) || nanos >= slowNanos) {
            return 1;
        }
        for (RoutePattern route : excluded) {
            if (route.matches(exchange)) {
                return 0;
            }
        }
        for (Sample sample : samples) {
            if (sample.route().matches(exchange)) {
                return sample.rate();
            }
        }
        return 1;
    }

    /** A job of its own is worth a line as a request is; one step of another's work is so only to whoever looks closely. */
    private static Level level(Exchange exchange, Outcome outcome) {
        if (exchange.kind() == Exchange.Kind.LOCAL && exchange.parent().isPresent()) {
            return Level.DEBUG;
        }
        if (outcome instanceof Outcome.Cancelled) {
            return Level.WARN;
        }
        if (isFailure(exchange, outcome)) {
            return Level.ERROR;
        }
        return outcome instanceof Outcome.Failed ? Level.WARN : Level.INFO;
    }

    /** Whether this service is to blame: an exception, or 5xx. An exception that the client gets as its own fault is not. */
    static boolean isFailure(Exchange exchange, Outcome outcome) {
        OptionalInt status = outcome.status();
        if (outcome instanceof Outcome.Failed) {
            return !isHttp(exchange)
                    || status.isEmpty()
                    || status.getAsInt() < CLIENT_ERROR
                    || status.getAsInt() >= SERVER_ERROR;
        }
        boolean isHttpStatus = isHttp(exchange) || outcome instanceof Outcome.Answered;
        return isHttpStatus && status.isPresent() && status.getAsInt() >= SERVER_ERROR;
    }

    private LoggingEventBuilder line(Level level, Exchange exchange, Outcome outcome, long nanos, double rate) {
        LoggingEventBuilder line = log.atLevel(level)
                .addKeyValue("event.action", action(exchange))
                .addKeyValue("event.duration", nanos)
                .addKeyValue("event.outcome", eventOutcome(exchange, outcome))
                .addKeyValue("outcome", name(outcome));
        if (isHttp(exchange)) {
            line = line.addKeyValue("http.request.method", exchange.operation());
        } else {
            line = line.addKeyValue("operation", exchange.operation());
        }
        if (exchange.path().isPresent()) {
            line = line.addKeyValue("url.path", exchange.path().get());
        }
        if (exchange.query().isPresent()) {
            line = line.addKeyValue("url.query", Query.redacted(exchange.query().get(), shownParameters));
        }
        line = body(line, "request", exchange.requestCopy(), exchange::requestHeaders);
        line = body(line, "response", exchange.responseCopy(), exchange::responseHeaders);
        if (rate < 1) {
            line = line.addKeyValue("sample_rate", rate);
        }
        OptionalInt status = outcome.status();
        if (status.isPresent()) {
            line = line.addKeyValue(isHttp(exchange) ? "http.response.status_code" : "status_code", status.getAsInt());
        }
        if (outcome instanceof Outcome.Answered answered) {
            line = line.addKeyValue("answered_by", simpleName(answered.guard()));
        } else if (outcome instanceof Outcome.Cancelled cancelled) {
            line = line.addKeyValue("cancel_reason", cancelled.reason());
        }
        return line;
    }

    private LoggingEventBuilder body(
            LoggingEventBuilder line, String side, Optional<BodyCopy> copy, Function<String, List<String>> headers) {
        if (copy.isEmpty()) {
            return line;
        }
        String prefix = "http." + side + ".body.";
        LoggingEventBuilder sized =
                line.addKeyValue(prefix + "bytes", copy.get().size());
        Optional<String> text = content(copy.get(), headers);
        return text.isEmpty() ? sized : sized.addKeyValue(prefix + "content", text.get());
    }

    private Optional<String> content(BodyCopy copy, Function<String, List<String>> headers) {
        try {
            return payloads.text(copy, headers);
        } catch (RuntimeException e) { // by an adapter; what else the line says does not depend on the body
            return Optional.of("<" + e.getClass().getName() + ">");
        }
    }

    private static String message(Exchange exchange, Outcome outcome, long nanos) {
        StringBuilder message = new StringBuilder(64).append(exchange.operation());
        exchange.get(Key.ROUTE)
                .or(exchange::path)
                .ifPresent(target -> message.append(' ').append(target));
        if (outcome.status().isPresent()) {
            message.append(' ').append(outcome.status().getAsInt());
        } else {
            message.append(' ').append(name(outcome));
        }
        message.append(" in ");
        long tenths = (nanos + TENTH_OF_MILLI / 2) / TENTH_OF_MILLI;
        if (tenths < 100) {
            message.append(tenths / 10).append('.').append(tenths % 10);
        } else {
            message.append((tenths + 5) / 10);
        }
        return Texts.printable(message.append(" ms").toString());
    }

    private static String action(Exchange exchange) {
        return exchange.kind() == Exchange.Kind.LOCAL
                ? exchange.protocol()
                : exchange.protocol() + "." + exchange.kind().name().toLowerCase(Locale.ROOT);
    }

    /** In the words of the Elastic Common Schema. */
    private static String eventOutcome(Exchange exchange, Outcome outcome) {
        if (outcome instanceof Outcome.Cancelled) {
            return "unknown";
        }
        return isFailure(exchange, outcome) ? "failure" : "success";
    }

    private static String name(Outcome outcome) {
        if (outcome instanceof Outcome.Completed) {
            return "completed";
        }
        if (outcome instanceof Outcome.Answered) {
            return "answered";
        }
        return outcome instanceof Outcome.Failed ? "failed" : "cancelled";
    }

    private static boolean isHttp(Exchange exchange) {
        return exchange.protocol().equals(HTTP);
    }

    private static String simpleName(String className) {
        return className.substring(className.lastIndexOf('.') + 1);
    }
}
