package dev.crosscut.logging;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** What fields are called: as the schema has it, unless they were renamed. Immutable; safe for use by several threads. */
final class Names {

    /** A name is cut to this many characters. */
    static final int LONGEST = 256;

    private final Schema schema;
    private final Map<String, String> renames = new HashMap<>();
    private final Map<Field, String> fields = new HashMap<>();
    private final Set<String> ofEveryLine = new HashSet<>();
    private final Set<String> ofErrors = new HashSet<>();
    private final Set<String> all = new HashSet<>();

    /** The renamed are given as in settings, which have dashes where a field may have a dot or an underscore. */
    Names(Schema schema, Map<String, String> renames) {
        this.schema = schema;
        all.addAll(schema.constants().keySet());
        renames.forEach((name, other) -> this.renames.put(dashed(name), other));
        for (Field field : Field.values()) {
            if (!schema.name(field).isEmpty()) {
                String name = free(own(schema.name(field)), all::contains);
                fields.put(field, name);
                all.add(name);
            }
        }
        for (Field field : Field.values()) {
            switch (field) {
                case ERROR_TYPE, EXCEPTION_TYPE, ERROR_MESSAGE, STACK_HASH, STACK_TRACE -> ofErrors.add(of(field));
                case SERVICE_NAME, SERVICE_VERSION, SERVICE_ENVIRONMENT, SERVICE_INSTANCE, TAGS -> {}
                default -> ofEveryLine.add(of(field));
            }
        }
    }

    private static String dashed(String name) {
        int from = 0;
        while (from < name.length() - 1 && "@_".indexOf(name.charAt(from)) >= 0) {
            from++;
        }
        return name.substring(from).toLowerCase(Locale.ROOT).replace('.', '-').replace('_', '-');
    }

    private String own(String name) {
        String other = renamed(name);
        return other.equals(name) ? name : schema.additional(other);
    }

    private String renamed(String name) {
        return renames.isEmpty() ? name : renames.getOrDefault(dashed(name), name);
    }

    /** The name of a field of ours, empty where the schema has none. */
    String of(Field field) {
        return fields.getOrDefault(field, "");
    }

    /** The name for the value of a key of an exchange. */
    String ofKey(String name) {
        return ofUser(schema.key(name));
    }

    /** The name for an entry of the MDC, where several libraries put the ids of a trace. */
    String ofMdc(String name) {
        return ofUser(schema.trace(name));
    }

    /** The name for a field of the access line. */
    String ofAccess(String name) {
        return ofUser(schema.access(name));
    }

    /** The name for a field that a user adds. */
    String ofUser(String name) {
        return schema.additional(bounded(name));
    }

    /** The same, for a field that may have fields of its own. */
    String ofUserObject(String name) {
        return schema.additionalObject(bounded(name));
    }

    private String bounded(String name) {
        return Texts.wellFormed(renamed(Texts.beginning(name, LONGEST)));
    }

    /** Whether a field of ours may have the name, on whatever line. */
    boolean isOurs(String name) {
        return all.contains(name);
    }

    /** Whether a field of ours has the name on this line. */
    boolean isTaken(String name, boolean hasError) {
        return ofEveryLine.contains(name) || (hasError && ofErrors.contains(name));
    }

    /**
     * The name, or where that is taken a free one of {@code name_2}, {@code name_3} and so on: the first, where no number was
     * left out. It is searched for in steps that double, and then by halves, for a client may send as many as it likes.
     */
    static String free(String name, Predicate<String> isTaken) {
        if (!isTaken.test(name)) {
            return name;
        }
        int taken = 1;
        int free = 2;
        while (isTaken.test(name + "_" + free)) {
            taken = free;
            free *= 2;
        }
        while (free - taken > 1) {
            int middle = (taken + free) >>> 1;
            if (isTaken.test(name + "_" + middle)) {
                taken = middle;
            } else {
                free = middle;
            }
        }
        return name + "_" + free;
    }
}
