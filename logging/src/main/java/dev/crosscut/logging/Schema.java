package dev.crosscut.logging;

import ch.qos.logback.classic.Level;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The names of the fields of a line, and what else a consumer of lines expects. */
@SuppressWarnings("ImmutableEnumChecker") // its maps are not modifiable
enum Schema {

    /** The Elastic Common Schema 8.11, with dotted names. */
    ECS(
            names(
                    "@timestamp",
                    "log.level",
                    "",
                    "message",
                    "log.logger",
                    "process.thread.name",
                    "error.type",
                    "",
                    "error.message",
                    "error.stack_hash",
                    "error.stack_trace",
                    "tags",
                    "log.truncated",
                    "log.encoding_fault",
                    "service.name",
                    "service.version",
                    "service.environment",
                    "service.node.name"),
            Map.of("ecs.version", "8.11"),
            keys("user.id", "organization.id", "http.route"),
            traces("trace.id", "span.id"),
            Map.of()),

    /** The data model of OpenTelemetry for logs, and its semantic conventions. */
    OTEL(
            names(
                    "timestamp",
                    "severity_text",
                    "severity_number",
                    "body",
                    "otel.scope.name",
                    "thread.name",
                    "error.type",
                    "exception.type",
                    "exception.message",
                    "exception.stack_hash",
                    "exception.stacktrace",
                    "tags",
                    "log.truncated",
                    "log.encoding_fault",
                    "service.name",
                    "service.version",
                    "deployment.environment.name",
                    "service.instance.id"),
            Map.of(),
            keys("user.id", "tenant.id", "http.route"),
            traces("trace_id", "span_id"),
            Map.of(
                    "event.action",
                    "event_name",
                    "http.request.body.bytes",
                    "http.request.body.size",
                    "http.response.body.bytes",
                    "http.response.body.size")),

    /** What logstash-logback-encoder writes. */
    LOGSTASH(
            names(
                    "@timestamp",
                    "level",
                    "level_value",
                    "message",
                    "logger_name",
                    "thread_name",
                    "throwable_class",
                    "",
                    "throwable_message",
                    "stack_hash",
                    "stack_trace",
                    "tags",
                    "log_truncated",
                    "log_encoding_fault",
                    "service_name",
                    "service_version",
                    "service_environment",
                    "service_instance"),
            Map.of("@version", "1"),
            keys("caller", "tenant", "route"),
            traces("trace_id", "span_id"),
            Map.of()),

    /** The Graylog Extended Log Format 1.1. */
    GELF(
            names(
                    "timestamp",
                    "_level_name",
                    "level",
                    "short_message",
                    "_log_logger",
                    "_process_thread_name",
                    "_error_type",
                    "",
                    "_error_message",
                    "_error_stack_hash",
                    "full_message",
                    "_tags",
                    "_log_truncated",
                    "_log_encoding_fault",
                    "_service_name",
                    "_service_version",
                    "_service_environment",
                    "_service_instance"),
            Map.of("version", "1.1"),
            keys("caller", "tenant", "route"),
            traces("trace_id", "span_id"),
            Map.of());

    /** Of those that our fields are in. */
    private static final Set<String> ECS_OBJECTS = Set.of(
            "ecs",
            "error",
            "event",
            "http",
            "http.request",
            "http.request.body",
            "http.response",
            "http.response.body",
            "log",
            "organization",
            "process",
            "process.thread",
            "service",
            "service.node",
            "span",
            "trace",
            "url",
            "user");

    private static final Set<String> ECS_ACCESS = Set.of(
            "event.action",
            "event.duration",
            "event.outcome",
            "http.request.body.bytes",
            "http.request.body.content",
            "http.request.method",
            "http.response.body.bytes",
            "http.response.body.content",
            "http.response.status_code",
            "url.path",
            "url.query");

    private final Map<Field, String> names;
    private final Map<String, String> constants;
    private final Map<String, String> keys;
    private final Map<String, String> traces;
    private final Map<String, String> access;

    Schema(
            Map<Field, String> names,
            Map<String, String> constants,
            Map<String, String> keys,
            Map<String, String> traces,
            Map<String, String> access) {
        this.traces = traces;
        this.access = access;
        this.names = names;
        this.constants = constants;
        this.keys = keys;
    }

    private static Map<Field, String> names(String... inOrderOfFields) {
        Map<Field, String> names = new EnumMap<>(Field.class);
        Iterator<String> each = List.of(inOrderOfFields).iterator();
        for (Field field : Field.values()) {
            names.put(field, each.next());
        }
        return Collections.unmodifiableMap(names);
    }

    private static Map<String, String> keys(String caller, String tenant, String route) {
        return Map.of("caller", caller, "tenant", tenant, "route", route);
    }

    /** The ids of a trace, by the names that libraries have for them. */
    private static Map<String, String> traces(String trace, String span) {
        return Map.of(
                "trace_id",
                trace,
                "traceId",
                trace,
                "trace.id",
                trace,
                "span_id",
                span,
                "spanId",
                span,
                "span.id",
                span);
    }

    /** The name of a field, empty where the schema has none. */
    String name(Field field) {
        return names.getOrDefault(field, "");
    }

    /** Fields that are the same on every line, but for the host of GELF. */
    Map<String, String> constants() {
        return constants;
    }

    /** What the value of a key of an exchange is called. */
    String key(String name) {
        return keys.getOrDefault(name, trace(name));
    }

    /** What the id of a trace or a span is called; any other name as it is. */
    String trace(String name) {
        return traces.getOrDefault(name, name);
    }

    /** What a field of the access line is called, whose own names are those of ECS. */
    String access(String name) {
        return access.getOrDefault(name, name);
    }

    /** The number of a level, where the schema has a field for one. */
    int number(Level level) {
        return switch (this) {
            case ECS -> 0;
            case LOGSTASH -> level.toInt();
            case OTEL -> severity(level.toInt(), 1, 5, 9, 13, 17);
            case GELF -> severity(level.toInt(), 7, 7, 6, 4, 3); // those of syslog
        };
    }

    private static int severity(int level, int trace, int debug, int info, int warn, int error) {
        if (level < Level.DEBUG_INT) {
            return trace;
        } else if (level < Level.INFO_INT) {
            return debug;
        } else if (level < Level.WARN_INT) {
            return info;
        }
        return level < Level.ERROR_INT ? warn : error;
    }

    /** A name as this schema allows it for a field that is not one of its own, with text or another plain value. */
    String additional(String name) {
        return this == ECS ? besideObjects(name) : additionalObject(name);
    }

    /** The same, of a field that may have fields of its own. */
    String additionalObject(String name) {
        return this == GELF ? ofWords(name) : name;
    }

    /**
     * To Elasticsearch a name with dots is a path, and a field is either a value or an object: it refuses a line that has both
     * {@code user} and {@code user.id}.
     */
    private String besideObjects(String name) {
        if (ECS_OBJECTS.contains(name)) {
            return name + "_2";
        }
        for (int dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
            if (isValue(name.substring(0, dot))) {
                return name.substring(0, dot) + '_' + name.substring(dot + 1);
            }
        }
        return name;
    }

    private boolean isValue(String name) {
        return names.containsValue(name)
                || keys.containsValue(name)
                || traces.containsValue(name)
                || constants.containsKey(name)
                || ECS_ACCESS.contains(name);
    }

    private static String ofWords(String name) {
        StringBuilder allowed = new StringBuilder(name.length() + 2).append('_');
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            allowed.append(isWord(c) || c == '.' || c == '-' ? c : '_');
        }
        return allowed.toString().equals("_id") ? "__id" : allowed.toString();
    }

    private static boolean isWord(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    }

    /** Whether a field is text or a number and nothing else. */
    boolean isFlat() {
        return this == GELF;
    }
}
