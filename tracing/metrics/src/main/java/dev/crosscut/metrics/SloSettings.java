package dev.crosscut.metrics;

import dev.crosscut.core.Setting;
import dev.crosscut.core.Settings;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The settings of objectives, and the objectives that they make: for the service that is measured as for what is generated. */
final class SloSettings {

    private static final Pattern NAME = Pattern.compile("[a-z]([a-z0-9-]{0,38}[a-z0-9])?");
    private static final Pattern PERCENT = Pattern.compile("\\d{1,2}(\\.\\d{1,6})?");
    private static final Pattern ROUTE = Pattern.compile("(?:([^ /*]+) )?(/.{0,255}|\\*)");
    private static final String EACH = "*";
    private static final int MOST = 100;
    private static final int LONGEST = 64;
    private static final Duration FEWEST_DAYS = Duration.ofDays(7);
    private static final Duration MOST_DAYS = Duration.ofDays(90);
    private static final Duration USUAL_DAYS = Duration.ofDays(30);
    private static final long SECOND = 1_000_000_000;
    private static final long MILLISECOND = 1_000_000;

    static final Setting<Map<String, String>> OBJECTIVE = Setting.text(
                    "crosscut.metrics.slo.<name>.objective",
                    "Percent of the requests that this service answers which are to be good, that is without an"
                            + " `error.type`: `crosscut.metrics.slo.availability.objective=99.9`. Nothing is measured for it;"
                            + " `crosscut-slo` makes rules and dashboards of it.")
            .check("a percentage over 0 and under 100, such as 99.9", SloSettings::isPercent)
            .map()
            .check("at most 100 objectives", all -> all.size() <= MOST);

    static final Setting<Map<String, Duration>> LATENCY = Setting.duration(
                    "crosscut.metrics.slo.<name>.latency",
                    "How long a good request of that objective may take, an edge of the buckets of"
                            + " `http.server.request.duration`: 5ms, 10ms, 25ms, 50ms, 75ms, 100ms, 250ms, 500ms, 750ms, 1s,"
                            + " 2500ms, 5s, 7500ms or 10s. Unless set, as long as it likes.")
            .map();

    static final Setting<Map<String, String>> ROUTE_OF = Setting.text(
                    "crosscut.metrics.slo.<name>.route",
                    "The route that the objective is for, as `http.route` has it, with or without a method:"
                            + " `POST /payments`, `/payments/*`. `*` gives each method and route a budget of its own. Unless"
                            + " set, all requests together.")
            .check("a path that begins with /, a method and such a path, or *", SloSettings::isRoute)
            .map();

    static final Setting<Map<String, String>> TIER = Setting.text(
                    "crosscut.metrics.slo.<name>.tier",
                    "The tier of tenants that the objective is for, one of `crosscut.metrics.tiers`. `*` gives each tier a"
                            + " budget of its own. Unless set, all requests together.")
            .check("1 to 64 characters", tier -> !tier.isBlank() && tier.length() <= LONGEST)
            .map();

    static final Setting<Map<String, Duration>> WINDOW = Setting.duration(
                    "crosscut.metrics.slo.<name>.window", "The days that the objective is for. Unless set, 30d.")
            .check("whole days, 7d to 90d", SloSettings::isWindow)
            .map();

    private final Settings settings;
    private final List<String> problems = new ArrayList<>();

    private SloSettings(Settings settings) {
        this.settings = settings;
    }

    static List<Setting<?>> all() {
        return List.of(OBJECTIVE, LATENCY, ROUTE_OF, TIER, WINDOW);
    }

    /**
     * The objectives, in the order of their names.
     *
     * @throws IllegalStateException if one of them cannot be measured, with all that is wrong
     */
    static List<Objective> objectives(Settings settings) {
        SloSettings reading = new SloSettings(settings);
        List<Objective> all = reading.read();
        if (!reading.problems.isEmpty()) {
            throw new IllegalStateException(String.join("\n  - ", reading.problems));
        }
        return all;
    }

    private static boolean isPercent(String text) {
        return PERCENT.matcher(text).matches() && new BigDecimal(text).signum() > 0;
    }

    /** Double braces are left out, which Sloth and Prometheus take for their own; so is what cannot be seen. */
    private static boolean isRoute(String text) {
        return ROUTE.matcher(text).matches()
                && !text.contains("{{")
                && text.codePoints().allMatch(SloSettings::isVisible);
    }

    private static boolean isVisible(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }

    private static boolean isWindow(Duration window) {
        return window.equals(Duration.ofDays(window.toDays()))
                && window.compareTo(FEWEST_DAYS) >= 0
                && window.compareTo(MOST_DAYS) <= 0;
    }

    private List<Objective> read() {
        TreeSet<String> names = new TreeSet<>();
        for (Setting<?> setting : all()) {
            names.addAll(((Map<?, ?>) settings.get(setting))
                    .keySet().stream().map(String::valueOf).toList());
        }
        List<Objective> all = new ArrayList<>();
        for (String name : names) {
            Objective objective = read(name);
            if (objective != null) {
                all.add(objective);
            }
        }
        return all;
    }

    private @Nullable Objective read(String name) {
        String percent = settings.get(OBJECTIVE).get(name);
        if (!NAME.matcher(name).matches()) {
            problems.add("'" + name + "' cannot be the name of an objective, as in crosscut.metrics.slo." + name
                    + "; expected 1 to 40 lower-case letters, digits and dashes, a letter first and no dash last");
            return null;
        }
        if (percent == null) {
            problems.add(key(OBJECTIVE, name) + " is missing, and another setting of " + name
                    + " is there; expected a percentage over 0 and under 100, such as 99.9");
            return null;
        }
        Map<String, String> selected = new LinkedHashMap<>();
        List<String> each = new ArrayList<>();
        given(ROUTE_OF, name, text -> route(name, text, selected, each));
        given(TIER, name, text -> tier(name, text, selected, each));
        given(LATENCY, name, latency -> refuseOffEdge(name, latency));
        return new Objective(
                name,
                new BigDecimal(percent),
                Optional.ofNullable(settings.get(LATENCY).get(name)),
                selected,
                each,
                (int) settings.get(WINDOW).getOrDefault(name, USUAL_DAYS).toDays());
    }

    private <T> void given(Setting<Map<String, T>> setting, String name, Consumer<T> use) {
        T value = settings.get(setting).get(name);
        if (value != null) {
            use.accept(value);
        }
    }

    private void route(String name, String text, Map<String, String> selected, List<String> each) {
        Matcher matcher = ROUTE.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalStateException(text);
        }
        String method = matcher.group(1);
        if (method != null) {
            List<String> known = MetricsSettings.knownMethods(settings, MetricsSettings::environment);
            if (!known.contains(method)) {
                refuse(ROUTE_OF, name, text, "the method " + method + " is not known", "one of " + known);
            }
            selected.put(Conventions.HTTP_REQUEST_METHOD, method);
        }
        if (!text.endsWith(" " + EACH) && !text.equals(EACH)) {
            selected.put(Conventions.HTTP_ROUTE, matcher.group(2));
            return;
        }
        if (method == null) {
            each.add(Conventions.HTTP_REQUEST_METHOD);
        }
        each.add(Conventions.HTTP_ROUTE);
    }

    private void tier(String name, String text, Map<String, String> selected, List<String> each) {
        if (text.equals(EACH)) {
            each.add(Conventions.TENANT_TIER);
            return;
        }
        List<String> declared = settings.get(MetricsSettings.TIERS);
        if (!declared.contains(text)) {
            refuse(
                    TIER,
                    name,
                    text,
                    "that tier is not declared, so that nothing is measured of it",
                    "* or one of " + declared + ", which is what " + MetricsSettings.TIERS.key() + " says");
        }
        selected.put(Conventions.TENANT_TIER, text);
    }

    private void refuseOffEdge(String name, Duration latency) {
        Duration below = null;
        Duration above = null;
        for (double seconds : Objective.METER.buckets()) {
            Duration edge = Duration.ofNanos(Math.round(seconds * SECOND));
            if (edge.equals(latency)) {
                return;
            }
            if (edge.compareTo(latency) < 0) {
                below = edge;
            } else if (above == null) {
                above = edge;
            }
        }
        String nearest = below == null || above == null
                ? text(below == null ? above : below)
                : text(below) + " or " + text(above);
        refuse(
                LATENCY,
                name,
                text(latency),
                "no bucket of " + Objective.METER.name() + " ends there, so that nobody can tell which requests took"
                        + " longer",
                nearest + ", the nearest " + (nearest.contains(" or ") ? "edges" : "edge"));
    }

    private void refuse(Setting<?> setting, String name, String value, String why, String expected) {
        problems.add(
                key(setting, name) + origin(setting) + " is '" + value + "', and " + why + "; expected " + expected);
    }

    private static String key(Setting<?> setting, String name) {
        return setting.key().replace("<name>", name);
    }

    /** Where the values of a setting come from, as the settings say of themselves. */
    private String origin(Setting<?> setting) {
        return settings.describe().stream()
                .filter(line -> line.startsWith(setting.key() + " = "))
                .map(line -> line.substring(line.lastIndexOf(" (")))
                .findFirst()
                .orElse("");
    }

    /** A length of time as a setting has it. */
    static String text(@Nullable Duration duration) {
        if (duration == null) {
            return "";
        }
        long nanos = duration.toNanos();
        return nanos % SECOND == 0
                ? nanos / SECOND + "s"
                : nanos % MILLISECOND == 0 ? nanos / MILLISECOND + "ms" : duration.toString();
    }
}
