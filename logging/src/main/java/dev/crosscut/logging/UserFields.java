package dev.crosscut.logging;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/**
 * The fields that users add to one line, each under a name that the line does not have yet.
 *
 * <p>Twice a line's bytes are there for them, and each gets at most half of what is left: so what would be within the line
 * is written whole, and what is not leaves room for the small ones after it. What then is too much is for {@link Cap}.
 */
final class UserFields {

    private static final int FEW = 8;
    private static final int MANY = 32;
    private static final String[] NO_NAMES = {};
    private static final int LEAST = 16;
    private static final int SHARE_OF_ID = 32;

    private final JsonFormat format;
    private final LineBuffer line;
    private final @Nullable ExchangeBlock exchange;
    private final boolean hasError;
    private final int end;
    private String[] names = NO_NAMES;
    private int count;
    private @Nullable Set<String> many;

    UserFields(JsonFormat format, LineBuffer line, @Nullable ExchangeBlock exchange, boolean hasError) {
        this.format = format;
        this.line = line;
        this.exchange = exchange;
        this.hasError = hasError;
        this.end = line.size() + 2 * format.maxLine();
    }

    Names names() {
        return format.names();
    }

    /** Adds a field that is never left out, or nothing where its name is taken. */
    void addCorrelating(String name, String value) {
        if (!isTaken(name)) {
            take(name);
            format.writeCorrelating(line, name, value, format.maxLine() / SHARE_OF_ID);
        }
    }

    /** Adds a field, with a number after its name where that is taken. */
    void add(@Nullable String name, @Nullable Object value) {
        String given = String.valueOf(name);
        String shown = masked(given);
        addNumbered(given, Values.isPlain(value) ? names().ofUser(shown) : names().ofUserObject(shown), value);
    }

    /** Adds a field of the access line, which may have a name in the schema. */
    void addOfAccess(String name, @Nullable Object value) {
        addNumbered(name, names().ofAccess(name), value);
    }

    private void addNumbered(String given, String name, @Nullable Object value) {
        if (hasRoom()) {
            write(given, Names.free(name, this::isTaken), value);
        }
    }

    /** A text with what is hidden in it replaced. */
    String maskedText(String text) {
        return format.masking().text(text);
    }

    /** The name of a field with what is hidden in it replaced. */
    String masked(String name) {
        return format.masking().name(name);
    }

    /** Adds a field under a name as it is on a line, or nothing where that is taken. */
    void addUnlessTaken(String given, String name, @Nullable String value) {
        if (hasRoom() && !isTaken(name)) {
            write(given, name, value);
        }
    }

    /** Adds the names of markers. */
    void addTags(List<String> tags) {
        if (hasRoom()) {
            String name = Names.free(names().of(Field.TAGS), this::isTaken);
            take(name);
            format.values().writeTexts(line, name, tags, room());
        }
    }

    private boolean hasRoom() {
        boolean hasRoom = room() >= LEAST;
        if (!hasRoom) {
            line.markShortened();
        }
        return hasRoom;
    }

    private int room() {
        return (end - line.size()) / 2;
    }

    private void write(String given, String name, @Nullable Object value) {
        take(name);
        format.values().write(line, given, name, value, room());
    }

    /** Adds each field that an argument writes; where it fails to, its text. */
    void addAll(Object argument, Consumer<JsonGenerator> writer) {
        format.values().fieldsOrText(argument, writer).forEach(field -> add(field.key, field.value));
    }

    private void take(String name) {
        if (many != null) {
            many.add(name);
        } else if (count == MANY) {
            many = new HashSet<>(Arrays.asList(names).subList(0, count));
            many.add(name);
        } else {
            if (count == names.length) {
                names = Arrays.copyOf(names, Math.max(FEW, count * 2));
            }
            names[count++] = name;
        }
    }

    private boolean isTaken(String name) {
        return format.parts().isTaken(name, hasError)
                || (exchange != null && exchange.has(name))
                || isTakenByUser(name);
    }

    private boolean isTakenByUser(String name) {
        if (many != null) {
            return many.contains(name);
        }
        for (int i = 0; i < count; i++) {
            if (names[i].equals(name)) {
                return true;
            }
        }
        return false;
    }
}
