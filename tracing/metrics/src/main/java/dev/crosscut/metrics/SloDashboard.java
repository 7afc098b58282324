package dev.crosscut.metrics;

import dev.crosscut.metrics.SloRules.Service;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * A dashboard for Grafana: of each objective what is left of its budget and how fast that burns, then rate, errors and
 * duration of all requests by route, status and tier.
 */
final class SloDashboard {

    private static final String ROUTE = SloQueries.label(Conventions.HTTP_ROUTE);
    private static final String STATUS = SloQueries.label(Conventions.HTTP_RESPONSE_STATUS_CODE);
    private static final String TIER = SloQueries.label(Conventions.TENANT_TIER);
    private static final List<Split> SPLITS =
            List.of(new Split("route", ROUTE), new Split("status", STATUS), new Split("tier", TIER));

    private static final Map<String, Object> SOURCE = ordered("type", "prometheus", "uid", "${datasource}");
    private static final String CHOSEN =
            "job=\"$job\", " + ROUTE + "=~\"$route\", " + STATUS + "=~\"$status\", " + TIER + "=~\"$tier\"";
    private static final String WINDOW = "[$__rate_interval]";

    private static final int WIDTH = 24;
    private static final int THIRD = WIDTH / 3;
    private static final int HEIGHT = 8;
    private static final int QUARTER = WIDTH / 4;

    /** What requests are told apart by: what to call it, and the label. */
    private record Split(String name, String label) {}

    private final Service service;
    private final SloRules rules;
    private final List<Object> panels = new ArrayList<>();
    private int x;
    private int y;

    private SloDashboard(Service service) {
        this.service = service;
        this.rules = new SloRules(service);
    }

    static Map<String, Object> of(Service service, List<Objective> objectives, String description) {
        SloDashboard dashboard = new SloDashboard(service);
        objectives.forEach(dashboard::objective);
        dashboard.requests();
        return dashboard.whole(description);
    }

    private static Map<String, Object> ordered(Object... entries) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < entries.length; i += 2) {
            map.put(String.valueOf(entries[i]), entries[i + 1]);
        }
        return map;
    }

    private void objective(Objective objective) {
        row("Objective " + objective.name());
        String legend = legend(objective.keys().stream().map(SloQueries::label).toList());
        String sentence = objective.sentence() + ".";
        panel(
                "stat",
                "Budget left",
                QUARTER,
                "percentunit",
                steps("red", 0, "orange", "0.25", "green"),
                List.of(target(rules.of(objective, "slo:period_error_budget_remaining:ratio"), legend)),
                sentence);
        panel(
                "timeseries",
                "Burn rate",
                WIDTH - 2 * QUARTER,
                "none",
                burnRates(),
                List.of(target(rules.of(objective, "slo:current_burn_rate:ratio"), legend)),
                "How many times faster than the objective allows the budget is spent, now. Lines: what opens a ticket and"
                        + " what pages, where it lasts.");
        panel(
                "stat",
                "Burn rate over " + objective.days() + " days",
                QUARTER,
                "none",
                steps("green", 1, "red"),
                List.of(target(rules.of(objective, "slo:period_burn_rate:ratio"), legend)),
                sentence);
    }

    private void requests() {
        row("Requests, by route, status and tier");
        for (Split split : SPLITS) {
            panel("Requests a second", "reqps", split, "sum by (" + split.label() + ") (" + rate("") + ")");
        }
        row("Errors, by route, status and tier");
        for (Split split : SPLITS) {
            String by = "sum by (" + split.label() + ") (";
            panel(
                    "Errors, as a part of requests,",
                    "percentunit",
                    split,
                    by + rate(SloQueries.ERROR_TYPE + "!=\"\"") + ") / (" + by + rate("") + ") > 0)");
        }
        row("Duration, by route, status and tier");
        for (Split split : SPLITS) {
            String title = "Duration by " + split.name() + ": 50, 95 and 99 %";
            List<Object> targets = new ArrayList<>();
            for (String quantile : List.of("0.5", "0.95", "0.99")) {
                targets.add(target(
                        "histogram_quantile(" + quantile + ", sum by (le, " + split.label() + ") (rate("
                                + SloQueries.BUCKET + "{" + CHOSEN + "}" + WINDOW + ")))",
                        quantile + " {{" + split.label() + "}}"));
            }
            panel("timeseries", title, THIRD, "s", steps("green"), targets, "");
        }
    }

    private static String rate(String condition) {
        return "rate(" + SloQueries.COUNT + "{" + CHOSEN + (condition.isEmpty() ? "" : ", " + condition) + "}" + WINDOW
                + ")";
    }

    private static String legend(List<String> labels) {
        return labels.isEmpty() ? "all requests" : "{{" + String.join("}} {{", labels) + "}}";
    }

    private void panel(String title, String unit, Split split, String query) {
        panel(
                "timeseries",
                title + " by " + split.name(),
                THIRD,
                unit,
                steps("green"),
                List.of(target(query, legend(List.of(split.label())))),
                "");
    }

    private static Map<String, Object> target(String query, String legend) {
        return ordered(
                "datasource",
                SOURCE,
                "expr",
                query,
                "legendFormat",
                legend,
                "exemplar",
                query.contains(SloQueries.METER),
                "range",
                true);
    }

    private void row(String title) {
        newLine(HEIGHT);
        panels.add(ordered(
                "id",
                panels.size() + 1,
                "type",
                "row",
                "title",
                title,
                "collapsed",
                false,
                "gridPos",
                place(WIDTH, 1),
                "panels",
                List.of()));
        newLine(1);
    }

    private void newLine(int height) {
        y += x == 0 ? 0 : height;
        x = 0;
    }

    private Map<String, Object> place(int width, int height) {
        Map<String, Object> place = ordered("x", x, "y", y, "w", width, "h", height);
        x += width;
        return place;
    }

    private void panel(
            String type,
            String title,
            int width,
            String unit,
            List<Object> steps,
            List<Object> targets,
            String description) {
        List<Object> queries = new ArrayList<>();
        for (Object target : targets) {
            Map<String, Object> named = new LinkedHashMap<>();
            named.put("refId", String.valueOf((char) ('A' + queries.size())));
            ((Map<?, ?>) target).forEach((key, value) -> named.put(String.valueOf(key), value));
            queries.add(named);
        }
        Map<String, Object> defaults = ordered("unit", unit, "thresholds", ordered("mode", "absolute", "steps", steps));
        if (type.equals("timeseries")) {
            defaults.put("min", 0);
            defaults.put("custom", ordered("thresholdsStyle", ordered("mode", steps.size() > 1 ? "line" : "off")));
        }
        panels.add(ordered(
                "id",
                panels.size() + 1,
                "type",
                type,
                "title",
                title,
                "description",
                description,
                "datasource",
                SOURCE,
                "gridPos",
                place(width, HEIGHT),
                "fieldConfig",
                ordered("defaults", defaults, "overrides", List.of()),
                "targets",
                queries));
    }

    /** Colours, and between them the values at which the next one begins. */
    private static List<Object> steps(Object... coloursAndValues) {
        List<Object> steps = new ArrayList<>();
        for (int i = 0; i < coloursAndValues.length; i += 2) {
            Map<String, Object> step = ordered("color", coloursAndValues[i]);
            if (i > 0) {
                step.put("value", new BigDecimal(String.valueOf(coloursAndValues[i - 1])));
            }
            steps.add(step);
        }
        return steps;
    }

    private static List<Object> burnRates() {
        return steps(
                "green",
                SloRules.TICKET.get(1).rate(),
                "yellow",
                SloRules.TICKET.get(0).rate(),
                "orange",
                SloRules.PAGE.get(1).rate(),
                "red",
                SloRules.PAGE.get(0).rate(),
                "dark-red");
    }

    private Map<String, Object> whole(String description) {
        List<Object> variables = new ArrayList<>();
        variables.add(
                ordered("name", "datasource", "label", "Prometheus", "type", "datasource", "query", "prometheus"));
        variables.add(variable("job", "job", SloQueries.COUNT, false));
        for (Split split : SPLITS) {
            variables.add(variable(split.name(), split.label(), SloQueries.COUNT + "{job=\"$job\"}", true));
        }
        return ordered(
                "uid",
                UUID.nameUUIDFromBytes(("crosscut-slo " + service.name()).getBytes(StandardCharsets.UTF_8))
                        .toString(),
                "title",
                service.name() + ": objectives and requests",
                "description",
                description,
                "tags",
                List.of("crosscut", "slo"),
                "schemaVersion",
                39,
                "editable",
                true,
                "refresh",
                "1m",
                "time",
                ordered("from", "now-6h", "to", "now"),
                "templating",
                ordered("list", variables),
                "panels",
                panels);
    }

    private Map<String, Object> variable(String name, String label, String series, boolean isMany) {
        String query = "label_values(" + series + ", " + label + ")";
        Map<String, Object> variable = ordered(
                "name",
                name,
                "label",
                name,
                "type",
                "query",
                "datasource",
                SOURCE,
                "definition",
                query,
                "query",
                ordered("query", query, "refId", name),
                "refresh",
                2,
                "sort",
                1,
                "multi",
                isMany,
                "includeAll",
                isMany);
        if (isMany) {
            variable.put("allValue", ".*");
            variable.put("current", ordered("text", List.of("All"), "value", List.of("$__all")));
        } else {
            variable.put("current", ordered("text", service.job(), "value", service.job()));
        }
        return variable;
    }
}
