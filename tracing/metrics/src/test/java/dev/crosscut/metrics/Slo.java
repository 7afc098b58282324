package dev.crosscut.metrics;

import dev.crosscut.metrics.SloPack.Generated;
import dev.crosscut.metrics.SloRules.Service;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** What is generated for settings, read as those read it who it is for. */
final class Slo {

    private Slo() {}

    static List<Objective> objectives(String... settings) {
        try (Metered metered = new Metered(new SimpleMeterRegistry(), settings)) {
            return SloSettings.objectives(metered.crosscut().settings());
        }
    }

    static Map<String, String> files(String... settings) {
        return files(new Service("payments", "payments-job", "1.2.3"), settings);
    }

    static Map<String, String> files(Service service, String... settings) {
        Map<String, String> files = new LinkedHashMap<>();
        for (Generated file : SloPack.of(service, objectives(settings))) {
            files.put(file.name(), file.content());
        }
        return files;
    }

    static List<Map<String, Object>> documents(String yaml) {
        List<Map<String, Object>> documents = new ArrayList<>();
        new Load(LoadSettings.builder().setAllowDuplicateKeys(false).build())
                .loadAllFromString(yaml)
                .forEach(document -> documents.add(map(document)));
        return documents;
    }

    /** All rules of a file, of all its groups. */
    static List<Map<String, Object>> rules(String yaml) {
        return list(documents(yaml).get(0).get("groups")).stream()
                .flatMap(group -> list(group.get("rules")).stream())
                .toList();
    }

    static String expression(List<Map<String, Object>> rules, String recorded) {
        return rules.stream()
                .filter(rule -> recorded.equals(rule.get("record")))
                .map(rule -> (String) rule.get("expr"))
                .findFirst()
                .orElseThrow(() -> new AssertionError(recorded + " is not recorded"));
    }

    @SuppressWarnings("unchecked")
    static Map<String, Object> map(Object value) {
        return (Map<String, Object>) value;
    }

    @SuppressWarnings("unchecked")
    static List<Map<String, Object>> list(Object value) {
        return (List<Map<String, Object>>) value;
    }

    /** What is at the end of a path of keys and of places in lists. */
    static Object at(Object value, Object... path) {
        Object now = value;
        for (Object step : path) {
            now = step instanceof Integer place ? ((List<?>) now).get(place) : map(now).get(step);
        }
        return now;
    }
}
