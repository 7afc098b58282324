package dev.crosscut.metrics;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Rules for Prometheus: how many requests were bad in each window, how fast the budget burns and how much is left of it, and
 * alerts on several windows and burn rates, as chapter 5 of Google's Site Reliability Workbook has them. What they record
 * has the names and labels of Sloth, so that dashboards and alert routes that are made for Sloth fit.
 */
final class SloRules {

    private static final String BAD = "slo:sli_error:ratio_rate";
    private static final String SHORTEST = "5m";
    private static final List<String> WINDOWS = List.of(SHORTEST, "30m", "1h", "2h", "6h", "1d", "3d");

    /** What makes an alert: the budget burns this fast in a long window, and still does in a short one. */
    record Burn(BigDecimal rate, String shortWindow, String longWindow) {
        private Burn(String rate, String shortWindow, String longWindow) {
            this(new BigDecimal(rate), shortWindow, longWindow);
        }
    }

    /** Somebody is woken. */
    static final List<Burn> PAGE = List.of(new Burn("14.4", SHORTEST, "1h"), new Burn("6", "30m", "6h"));

    /** Somebody looks into it. */
    static final List<Burn> TICKET = List.of(new Burn("3", "2h", "1d"), new Burn("1", "6h", "3d"));

    static final String PAGES = "page";
    static final String TICKETS = "ticket";
    static final String ALERT = "SloErrorBudgetBurn";

    private final Service service;

    SloRules(Service service) {
        this.service = service;
    }

    /** The service whose requests are meant. */
    record Service(String name, String job, String version) {
        String id(Objective objective) {
            return name + "-" + objective.name();
        }
    }

    Map<String, Object> file(List<Objective> objectives) {
        List<Object> groups = new ArrayList<>();
        for (Objective objective : objectives) {
            String id = service.id(objective);
            groups.add(group("sloth-slo-sli-recordings-" + id, ratios(objective)));
            groups.add(group("sloth-slo-meta-recordings-" + id, budget(objective)));
            groups.add(group("sloth-slo-alerts-" + id, alerts(objective)));
        }
        return Map.of("groups", groups);
    }

    private static Map<String, Object> group(String name, List<Object> rules) {
        Map<String, Object> group = new LinkedHashMap<>();
        group.put("name", name);
        group.put("rules", rules);
        return group;
    }

    private Map<String, Object> labels(Objective objective) {
        Map<String, Object> labels = new LinkedHashMap<>();
        labels.put("sloth_id", service.id(objective));
        labels.put("sloth_service", service.name());
        labels.put("sloth_slo", objective.name());
        return labels;
    }

    /** The series that are recorded of an objective. */
    String of(Objective objective, String recorded) {
        List<String> conditions = new ArrayList<>();
        labels(objective)
                .forEach((label, value) -> conditions.add(label + "=" + SloQueries.quoted(String.valueOf(value))));
        return recorded + "{" + String.join(", ", conditions) + "}";
    }

    /** A number of days as Prometheus writes it. */
    static String period(Objective objective) {
        return objective.days() % 7 == 0 ? objective.days() / 7 + "w" : objective.days() + "d";
    }

    private List<Object> ratios(Objective objective) {
        SloQueries queries = new SloQueries(service.job(), objective);
        List<Object> rules = new ArrayList<>();
        for (String window : WINDOWS) {
            rules.add(ratio(objective, window, queries.badRatio(window)));
        }
        String shortest = of(objective, BAD + SHORTEST);
        String period = period(objective);
        rules.add(ratio(
                objective,
                period,
                "sum_over_time(" + shortest + "[" + period + "])\n/\ncount_over_time(" + shortest + "[" + period
                        + "])"));
        return rules;
    }

    private Map<String, Object> ratio(Objective objective, String window, String expression) {
        Map<String, Object> labels = labels(objective);
        labels.put("sloth_window", window);
        return recorded(BAD + window, expression, labels);
    }

    private static Map<String, Object> recorded(String name, String expression, Map<String, Object> labels) {
        Map<String, Object> rule = new LinkedHashMap<>();
        rule.put("record", name);
        rule.put("expr", expression);
        rule.put("labels", labels);
        return rule;
    }

    private List<Object> budget(Objective objective) {
        Map<String, Object> labels = labels(objective);
        String budget = objective.budget().toPlainString();
        Map<String, Object> info = labels(objective);
        info.put("sloth_mode", "crosscut");
        info.put("sloth_objective", objective.percent().stripTrailingZeros().toPlainString());
        info.put("sloth_spec", SloInputs.SLOTH_VERSION);
        info.put("sloth_version", service.version());
        return List.of(
                recorded("slo:objective:ratio", "vector(" + objective.target().toPlainString() + ")", labels),
                recorded("slo:error_budget:ratio", "vector(" + budget + ")", labels),
                recorded("slo:time_period:days", "vector(" + objective.days() + ")", labels),
                recorded("slo:current_burn_rate:ratio", of(objective, BAD + SHORTEST) + " / " + budget, labels),
                recorded("slo:period_burn_rate:ratio", of(objective, BAD + period(objective)) + " / " + budget, labels),
                recorded(
                        "slo:period_error_budget_remaining:ratio",
                        "1 - " + of(objective, "slo:period_burn_rate:ratio"),
                        labels),
                recorded("sloth_slo_info", "vector(1)", info));
    }

    private List<Object> alerts(Objective objective) {
        return List.of(alert(objective, PAGES, PAGE), alert(objective, TICKETS, TICKET));
    }

    private Map<String, Object> alert(Objective objective, String severity, List<Burn> burns) {
        List<String> parts = new ArrayList<>();
        for (Burn burn : burns) {
            parts.add("  (\n    " + over(objective, burn, burn.shortWindow())
                    + "\n    and ignoring (sloth_window)\n    "
                    + over(objective, burn, burn.longWindow()) + "\n  )");
        }
        Map<String, Object> labels = labels(objective); // those of the series too: no two rules may have the same
        labels.put("severity", severity);
        labels.put("sloth_severity", severity);
        Map<String, Object> annotations = new LinkedHashMap<>();
        annotations.put("title", title(severity));
        annotations.put("summary", summary(objective));
        Map<String, Object> rule = new LinkedHashMap<>();
        rule.put("alert", ALERT);
        rule.put("expr", "max without (sloth_window) (\n" + String.join("\n  or\n", parts) + "\n)");
        rule.put("labels", labels);
        rule.put("annotations", annotations);
        return rule;
    }

    private String over(Objective objective, Burn burn, String window) {
        return of(objective, BAD + window) + " > " + burn.rate().toPlainString() + " * "
                + objective.budget().toPlainString();
    }

    /** What an alert is called; the label severity is not among those that it may name. */
    static String title(String severity) {
        return "(" + severity
                + ") {{ $labels.sloth_service }} {{ $labels.sloth_slo }}: the error budget burns too fast";
    }

    /** What an alert says: which requests are bad, and what was promised. */
    static String summary(Objective objective) {
        StringBuilder which = new StringBuilder();
        for (String key : objective.keys()) {
            which.append(which.isEmpty() ? "" : ", ")
                    .append(key)
                    .append(" {{ $labels.")
                    .append(SloQueries.label(key))
                    .append(" }}");
        }
        return "{{ $value | humanizePercentage }} of the requests are bad" + (which.isEmpty() ? "" : " (" + which + ")")
                + "; the objective: " + objective.sentence() + ".";
    }
}
