package dev.crosscut.logging;

import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import tools.jackson.core.io.SerializedString;

/** The names of our own fields, those of the Elastic Common Schema, and how others find one that is free. */
final class Names {

    static final SerializedString TIMESTAMP = new SerializedString("@timestamp");
    static final SerializedString LEVEL = new SerializedString("log.level");
    static final SerializedString MESSAGE = new SerializedString("message");
    static final SerializedString LOGGER = new SerializedString("log.logger");
    static final SerializedString THREAD = new SerializedString("process.thread.name");
    static final SerializedString SERVICE = new SerializedString("service.name");
    static final SerializedString SCHEMA = new SerializedString("ecs.version");
    static final SerializedString ERROR_TYPE = new SerializedString("error.type");
    static final SerializedString ERROR_MESSAGE = new SerializedString("error.message");
    static final SerializedString STACK_TRACE = new SerializedString("error.stack_trace");

    static final String TAGS = "tags";

    /** Those of every line. */
    static final Set<String> ALWAYS = values(TIMESTAMP, LEVEL, MESSAGE, LOGGER, THREAD, SCHEMA);

    /** With them those of some lines. */
    static final Set<String> ALL =
            values(TIMESTAMP, LEVEL, MESSAGE, LOGGER, THREAD, SCHEMA, SERVICE, ERROR_TYPE, ERROR_MESSAGE, STACK_TRACE);

    private Names() {}

    /** The name, or where that is taken the first free of {@code name_2}, {@code name_3} and so on. */
    static String free(String name, Predicate<String> isTaken) {
        String free = name;
        for (int i = 2; isTaken.test(free); i++) {
            free = name + "_" + i;
        }
        return free;
    }

    private static Set<String> values(SerializedString... names) {
        return Set.copyOf(
                List.of(names).stream().map(SerializedString::getValue).toList());
    }
}
