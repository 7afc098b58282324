package dev.crosscut.logging;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.function.Consumer;
import net.logstash.logback.marker.LogstashMarker;
import org.jspecify.annotations.Nullable;
import org.slf4j.Marker;

/** Markers and all that they refer to, each once: those of logstash-logback-encoder are fields, others are names. */
final class LineMarkers {

    private LineMarkers() {}

    static void forEach(Iterable<Marker> markers, Consumer<LogstashMarker> structured, Consumer<String> name) {
        Set<Marker> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        markers.forEach(marker -> visit(marker, seen, structured, name));
    }

    @SuppressWarnings("deprecation") // nobody should nest markers any more; those of logstash-logback-encoder still are
    private static void visit(
            @Nullable Marker marker, Set<Marker> seen, Consumer<LogstashMarker> structured, Consumer<String> name) {
        if (marker == null || !seen.add(marker)) {
            return;
        }
        if (marker instanceof LogstashMarker field) {
            structured.accept(field);
        } else {
            name.accept(marker.getName());
        }
        marker.iterator().forEachRemaining(reference -> visit(reference, seen, structured, name));
    }
}
