package dev.crosscut.logging;

import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.io.SerializedString;
import tools.jackson.databind.JsonNode;

/** The fields that users add to one line, each under a name that the line does not have yet. */
final class UserFields {

    private static final String UNWRITABLE = "unwritable";

    private final JsonGenerator out;
    private final Values values;
    private final @Nullable LineContext context;
    private final Set<String> taken = new HashSet<>();

    UserFields(JsonGenerator out, Values values, @Nullable LineContext context) {
        this.out = out;
        this.values = values;
        this.context = context;
    }

    /** A name that the line has beside those of every line. */
    void take(SerializedString name) {
        taken.add(name.getValue());
    }

    /** Adds a field, with a number after its name where that is taken. */
    void add(@Nullable String name, @Nullable Object value) {
        String free = Names.free(Texts.wellFormed(String.valueOf(name)), this::isTaken);
        taken.add(free);
        values.write(out, free, value);
    }

    /** Adds a field, or nothing where its name is taken. */
    void addUnlessTaken(@Nullable String name, @Nullable Object value) {
        String wellFormed = Texts.wellFormed(String.valueOf(name));
        if (!isTaken(wellFormed)) {
            taken.add(wellFormed);
            values.write(out, wellFormed, value);
        }
    }

    /** Adds each field that an argument writes; where it fails to, its text. */
    void addAll(Object argument, Consumer<JsonGenerator> writer) {
        JsonNode fields;
        try {
            fields = values.fields(writer);
        } catch (Throwable e) {
            Values.survived(e);
            add(UNWRITABLE, Values.text(argument));
            return;
        }
        fields.properties().forEach(field -> add(field.getKey(), field.getValue()));
    }

    private boolean isTaken(String name) {
        return Names.ALWAYS.contains(name)
                || (context != null && context.exchange().byName().containsKey(name))
                || taken.contains(name);
    }
}
