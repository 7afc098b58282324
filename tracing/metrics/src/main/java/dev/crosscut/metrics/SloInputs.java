package dev.crosscut.metrics;

import dev.crosscut.metrics.SloRules.Service;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The objectives for those who generate rules of their own: as Sloth reads them, and as OpenSLO has them. */
final class SloInputs {

    static final String SLOTH_VERSION = "prometheus/v1";

    private static final String WINDOW = "{{.window}}";

    private final Service service;

    SloInputs(Service service) {
        this.service = service;
    }

    /** A file for Sloth, which is told of the days apart: these are those of one number. */
    Map<String, Object> sloth(List<Objective> objectives) {
        Map<String, Object> file = new LinkedHashMap<>();
        file.put("version", SLOTH_VERSION);
        file.put("service", service.name());
        file.put("slos", objectives.stream().map(this::sloth).toList());
        return file;
    }

    private Object sloth(Objective objective) {
        SloQueries queries = new SloQueries(service.job(), objective);
        Map<String, Object> events = new LinkedHashMap<>();
        events.put("error_query", queries.bad(WINDOW));
        events.put("total_query", queries.answered(WINDOW));
        Map<String, Object> alerting = new LinkedHashMap<>();
        alerting.put("name", SloRules.ALERT);
        alerting.put("annotations", Map.of("summary", SloRules.summary(objective)));
        alerting.put("page_alert", alert(SloRules.PAGES));
        alerting.put("ticket_alert", alert(SloRules.TICKETS));
        Map<String, Object> slo = new LinkedHashMap<>();
        slo.put("name", objective.name());
        slo.put("objective", objective.percent());
        slo.put("description", objective.sentence() + ".");
        slo.put("sli", Map.of("events", events));
        slo.put("alerting", alerting);
        return slo;
    }

    private static Map<String, Object> alert(String severity) {
        Map<String, Object> alert = new LinkedHashMap<>();
        alert.put("labels", Map.of("severity", severity));
        alert.put("annotations", Map.of("title", SloRules.title(severity)));
        return alert;
    }

    /** Whether OpenSLO can say it: it has one budget for an objective. */
    static boolean isOpenSlo(Objective objective) {
        return objective.each().isEmpty();
    }

    /** The documents of a file of OpenSLO v1: the service, and each objective that has one budget. */
    List<Map<String, Object>> openSlo(List<Objective> objectives) {
        List<Map<String, Object>> documents = new ArrayList<>();
        documents.add(document("Service", dashed(service.name()), service.name(), Map.of()));
        for (Objective objective : objectives) {
            if (isOpenSlo(objective)) {
                documents.add(
                        document("SLO", dashed(service.id(objective)), service.id(objective), openSlo(objective)));
            }
        }
        return documents;
    }

    private Map<String, Object> openSlo(Objective objective) {
        SloQueries queries = new SloQueries(service.job(), objective);
        Map<String, Object> ratio = new LinkedHashMap<>();
        ratio.put("counter", true);
        ratio.put("good", source("sum(" + queries.good() + ")"));
        ratio.put("total", source("sum(" + queries.all() + ")"));
        Map<String, Object> indicator = new LinkedHashMap<>();
        indicator.put("metadata", Map.of("name", dashed(service.id(objective))));
        indicator.put("spec", Map.of("ratioMetric", ratio));
        Map<String, Object> window = new LinkedHashMap<>();
        window.put("duration", objective.days() + "d");
        window.put("isRolling", true);
        Map<String, Object> spec = new LinkedHashMap<>();
        spec.put("description", objective.sentence() + ".");
        spec.put("service", dashed(service.name()));
        spec.put("indicator", indicator);
        spec.put("timeWindow", List.of(window));
        spec.put("budgetingMethod", "Occurrences");
        Map<String, Object> target = new LinkedHashMap<>();
        target.put("displayName", objective.name());
        target.put("target", objective.target());
        spec.put("objectives", List.of(target));
        return spec;
    }

    private static Map<String, Object> source(String query) {
        Map<String, Object> source = new LinkedHashMap<>();
        source.put("type", "Prometheus");
        source.put("spec", Map.of("query", query));
        return Map.of("metricSource", source);
    }

    private static Map<String, Object> document(
            String kind, String name, String displayName, Map<String, Object> spec) {
        Map<String, Object> metadata = new LinkedHashMap<>();
        metadata.put("name", name);
        metadata.put("displayName", displayName);
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("apiVersion", "openslo/v1");
        document.put("kind", kind);
        document.put("metadata", metadata);
        document.put("spec", spec);
        return document;
    }

    /** A name as OpenSLO's must be. */
    private static String dashed(String name) {
        return name.toLowerCase(Locale.ROOT).replace('.', '-').replace('_', '-');
    }
}
