package dev.crosscut.logging;

import dev.crosscut.core.Exchange.Kind;
import dev.crosscut.core.RoutePattern;
import dev.crosscut.core.Setting;
import java.time.Duration;
import java.util.List;

/** The settings of access lines. */
final class AccessSettings {

    static final Setting<List<Kind>> KINDS = Setting.choice(
                    "crosscut.logging.access",
                    "The kinds of exchange that get an access line, by the logger `crosscut.access`, when they end. Work"
                            + " inside the service (`local`) gets it at level DEBUG where it is part of another exchange."
                            + " Empty for no access lines.",
                    Kind.class)
            .list()
            .or(List.of(Kind.SERVER, Kind.CONSUMER, Kind.LOCAL));

    static final Setting<List<String>> EXCLUDE = Setting.text(
                    "crosscut.logging.access-exclude",
                    "Exchanges that get an access line only where they fail, are cancelled or are slow: `GET /health/**`,"
                            + " `/metrics`. `*` stands for one segment of the path, `**` for any number.")
            .check(RoutePattern.EXPECTED, RoutePattern::isOne)
            .list()
            .or(List.of());

    static final Setting<List<String>> SAMPLE = Setting.text(
                    "crosscut.logging.access-sample",
                    "How many access lines of which exchanges are written: `GET /products/**=0.01` for one in a hundred,"
                            + " with `sample_rate` on each. The first that fits counts. Lines of what failed, was cancelled"
                            + " or was slow are always written.")
            .check("a route, =, and a number from 0 to 1: GET /products/**=0.01", Sample::isOne)
            .list()
            .or(List.of());

    static final Setting<Duration> SLOW = Setting.duration(
                    "crosscut.logging.access-slow", "From how long on an exchange is slow.")
            .or(Duration.ofSeconds(1));

    static final Setting<List<String>> QUERY_PARAMETERS = Setting.text(
                    "crosscut.logging.query-parameters",
                    "The names of query parameters whose values are shown in `url.query`; those of others are `***`.")
            .list()
            .or(List.of());

    static final Setting<List<String>> PAYLOAD = Setting.text(
                    "crosscut.logging.payload",
                    "Exchanges whose access line has the bodies of the request and the response, masked:"
                            + " `POST /payments, /orders/**`. Nothing is held back for it.")
            .check(RoutePattern.EXPECTED, RoutePattern::isOne)
            .list()
            .or(List.of());

    static final Setting<Long> PAYLOAD_MAX = Setting.size(
                    "crosscut.logging.payload-max",
                    "How much of a body is logged. The line as a whole is bounded by `crosscut.logging.max-line`.")
            .check("at most 1MB", size -> size <= 1 << 20)
            .or(4096L);

    static final Setting<List<String>> PAYLOAD_TYPES = Setting.text(
                    "crosscut.logging.payload-types",
                    "The media types of bodies that are logged; `*` stands for any text. In place of a body of another type, the"
                            + " type is logged.")
            .check("a media type such as application/json or text/*", Payloads::isMediaType)
            .list()
            .or(List.of(
                    "application/json",
                    "application/*+json",
                    "application/x-www-form-urlencoded",
                    "application/xml",
                    "text/plain"));

    private AccessSettings() {}

    static List<Setting<?>> all() {
        return List.of(KINDS, EXCLUDE, SAMPLE, SLOW, QUERY_PARAMETERS, PAYLOAD, PAYLOAD_MAX, PAYLOAD_TYPES);
    }

    /** The share of the lines of some exchanges that is written. */
    record Sample(RoutePattern route, double rate) {

        /**
         * Reads one.
         *
         * @throws IllegalArgumentException if it is none
         */
        static Sample parse(String text) {
            int equals = text.lastIndexOf('=');
            double rate = Double.parseDouble(text.substring(equals + 1).strip());
            if (equals < 0 || !(rate >= 0 && rate <= 1)) {
                throw new IllegalArgumentException("'" + text + "' is no sample");
            }
            return new Sample(RoutePattern.parse(text.substring(0, equals)), rate);
        }

        static boolean isOne(String text) {
            try {
                parse(text);
                return true;
            } catch (IllegalArgumentException e) {
                return false;
            }
        }
    }
}
