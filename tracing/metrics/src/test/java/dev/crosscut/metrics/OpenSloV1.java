package dev.crosscut.metrics;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** What version 1 of OpenSLO says of a service and of an SLO whose indicator is a ratio; no field that it does not have. */
final class OpenSloV1 {

    /** RFC 1123, which is what those who read the files hold names to. */
    private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");

    private static final Pattern DURATION = Pattern.compile("[1-9][0-9]*[mhdwMQY]");
    private static final int LONGEST_DESCRIPTION = 1050;

    private final List<String> problems = new ArrayList<>();

    private OpenSloV1() {}

    /** What is wrong with a document; empty where nothing is. */
    static List<String> problems(Map<String, Object> document) {
        OpenSloV1 check = new OpenSloV1();
        check.fields("", document, Set.of("apiVersion", "kind", "metadata", "spec"), Set.of());
        check.that("apiVersion", document.get("apiVersion"), "openslo/v1"::equals);
        check.metadata("metadata", document.get("metadata"));
        if ("SLO".equals(document.get("kind"))) {
            check.slo(document.get("spec"));
        } else {
            check.that("kind", document.get("kind"), "Service"::equals);
            check.fields("spec", document.get("spec"), Set.of(), Set.of("description"));
        }
        return check.problems;
    }

    private void that(String where, Object value, Predicate<Object> holds) {
        if (value != null && !holds.test(value)) {
            problems.add(where + " is " + value);
        }
    }

    private Map<String, Object> fields(String where, Object value, Set<String> required, Set<String> others) {
        if (!(value instanceof Map<?, ?>)) {
            problems.add(where + " is no object: " + value);
            return Map.of();
        }
        Map<String, Object> fields = Slo.map(value);
        required.stream()
                .filter(field -> fields.get(field) == null)
                .forEach(field -> problems.add(where + " has no " + field));
        fields.keySet().stream()
                .filter(field -> !required.contains(field) && !others.contains(field))
                .forEach(field -> problems.add(where + " has " + field));
        return fields;
    }

    private void metadata(String where, Object value) {
        Map<String, Object> metadata =
                fields(where, value, Set.of("name"), Set.of("displayName", "labels", "annotations"));
        name(where + ".name", metadata.get("name"));
        that(where + ".displayName", metadata.get("displayName"), OpenSloV1::isText);
    }

    private void name(String where, Object value) {
        that(
                where,
                value,
                name -> name instanceof String text && NAME.matcher(text).matches());
    }

    private static boolean isText(Object value) {
        return value instanceof String text && !text.isEmpty();
    }

    private void slo(Object value) {
        Map<String, Object> spec = fields(
                "spec",
                value,
                Set.of("service", "indicator", "budgetingMethod", "timeWindow", "objectives"),
                Set.of("description", "alertPolicies"));
        that(
                "spec.description",
                spec.get("description"),
                text -> isText(text) && ((String) text).length() <= LONGEST_DESCRIPTION);
        name("spec.service", spec.get("service"));
        that(
                "spec.budgetingMethod",
                spec.get("budgetingMethod"),
                Set.<Object>of("Occurrences", "Timeslices", "RatioTimeslices")::contains);
        for (Object window : onlyOne("spec.timeWindow", spec.get("timeWindow"))) {
            Map<String, Object> fields = fields("timeWindow", window, Set.of("duration", "isRolling"), Set.of());
            that(
                    "timeWindow.duration",
                    fields.get("duration"),
                    text -> text instanceof String duration
                            && DURATION.matcher(duration).matches());
            that("timeWindow.isRolling, without a calendar,", fields.get("isRolling"), Boolean.TRUE::equals);
        }
        for (Object objective : onlyOne("spec.objectives", spec.get("objectives"))) {
            Map<String, Object> fields = fields("objective", objective, Set.of("target"), Set.of("displayName"));
            that("objective.displayName", fields.get("displayName"), OpenSloV1::isText);
            that(
                    "objective.target",
                    fields.get("target"),
                    target -> target instanceof Number number && number.doubleValue() >= 0 && number.doubleValue() < 1);
        }
        indicator(spec.get("indicator"));
    }

    /** More than one window is not allowed, and more than one objective is not meant. */
    private List<?> onlyOne(String where, Object value) {
        that(where, value, all -> all instanceof List<?> list && list.size() == 1);
        return value instanceof List<?> list ? list : List.of();
    }

    private void indicator(Object value) {
        Map<String, Object> indicator = fields("indicator", value, Set.of("metadata", "spec"), Set.of());
        metadata("indicator.metadata", indicator.get("metadata"));
        Map<String, Object> spec =
                fields("indicator.spec", indicator.get("spec"), Set.of("ratioMetric"), Set.of("description"));
        Map<String, Object> ratio =
                fields("ratioMetric", spec.get("ratioMetric"), Set.of("counter", "good", "total"), Set.of());
        that("ratioMetric.counter", ratio.get("counter"), Boolean.class::isInstance);
        for (String part : List.of("good", "total")) {
            Map<String, Object> metric = fields(part, ratio.get(part), Set.of("metricSource"), Set.of());
            Map<String, Object> source = fields(
                    part + ".metricSource",
                    metric.get("metricSource"),
                    Set.of("spec"),
                    Set.of("type", "metricSourceRef"));
            that(part + ".metricSource.type", source.get("type"), "Prometheus"::equals);
            Map<String, Object> query =
                    fields(part + ".metricSource.spec", source.get("spec"), Set.of("query"), Set.of());
            that(part + ".query", query.get("query"), OpenSloV1::isText);
        }
    }
}
