package dev.crosscut.core;

import java.util.LinkedHashMap;
import java.util.Map;

/** Builders that see neither plugins on the class path nor settings of this machine. */
final class Crosscuts {

    private Crosscuts() {}

    /** With no participant at all. */
    static Crosscut.Builder bare() {
        return of("crosscut.correlation.enabled", "false");
    }

    /** With correlation alone, and these settings: keys and values in turn. */
    static Crosscut.Builder of(String... settings) {
        Map<String, String> values = new LinkedHashMap<>();
        for (int i = 0; i < settings.length; i += 2) {
            values.put(settings[i], settings[i + 1]);
        }
        return Crosscut.builder().discoverPlugins(false).source(Source.of("test", values));
    }
}
