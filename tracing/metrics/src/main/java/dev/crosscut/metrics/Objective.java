package dev.crosscut.metrics;

import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How many of the requests that a service answers are to be good, over some days. One is good where it has no {@code
 * error.type}, and is answered within the latency.
 *
 * @param name the name: lower-case letters, digits and dashes
 * @param percent how many are to be good, over 0 and under 100
 * @param latency how long a good one may take, an edge of the buckets; empty for as long as it likes
 * @param selected which requests are meant: those whose keys have these values; empty for all
 * @param each the keys of which each value has a budget of its own; none of them is selected
 * @param days how many days the budget is for
 */
record Objective(
        String name,
        BigDecimal percent,
        Optional<Duration> latency,
        Map<String, String> selected,
        List<String> each,
        int days) {

    /** What it is about: the meter whose keys and buckets it may name. */
    static final Convention METER = Conventions.HTTP_SERVER;

    Objective {
        selected = Map.copyOf(selected);
        each = List.copyOf(each);
    }

    /** The part that is to be good, of 1. */
    BigDecimal target() {
        return percent.movePointLeft(2).stripTrailingZeros();
    }

    /** The part that may be bad, of 1. */
    BigDecimal budget() {
        return BigDecimal.ONE.subtract(target());
    }

    /** Whether so many requests can be bad that the budget is spent at this rate. */
    boolean canBurnAt(BigDecimal rate) {
        return rate.multiply(budget(), MathContext.DECIMAL64).compareTo(BigDecimal.ONE) < 0;
    }

    /** The keys that tell its series apart, in the order of the meter. */
    List<String> keys() {
        return METER.keys().stream()
                .filter(key -> selected.containsKey(key) || each.contains(key))
                .toList();
    }

    /** As a sentence, without its dot. */
    String sentence() {
        StringBuilder out = new StringBuilder();
        out.append(percent.stripTrailingZeros().toPlainString()).append(" % of the requests");
        String method = selected.get(Conventions.HTTP_REQUEST_METHOD);
        String route = selected.get(Conventions.HTTP_ROUTE);
        if (route != null) {
            out.append(" to ").append(method == null ? route : method + " " + route);
        } else if (each.contains(Conventions.HTTP_ROUTE)) {
            out.append(" to each route");
        }
        String tier = selected.get(Conventions.TENANT_TIER);
        if (tier != null) {
            out.append(" of the tier ").append(tier);
        } else if (each.contains(Conventions.TENANT_TIER)) {
            out.append(" of each tier");
        }
        out.append(" are answered without an error");
        latency.ifPresent(most -> out.append(" within ").append(SloSettings.text(most)));
        return out.append(", over ").append(days).append(" days").toString();
    }
}
