package dev.crosscut.logging;

import dev.crosscut.core.Settings;
import dev.crosscut.core.Source;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/**
 * What is hidden of what is logged, by the names of fields, by their places in a value, and by patterns in text. In its
 * place is {@link #MASK}, whatever its length. Masking what is masked changes nothing. Immutable; safe for use by several
 * threads.
 */
final class Masking {

    static final String MASK = TextMasking.MASK;

    /** Hides nothing. */
    static final Masking NONE =
            new Masking(EnumSet.noneOf(MaskPattern.class), HiddenNames.NONE, HiddenPaths.NONE, List.of());

    /** As it is where nothing is set. */
    static final Masking DEFAULT =
            new Masking(EnumSet.allOf(MaskPattern.class), HiddenNames.BUILT_IN, HiddenPaths.NONE, List.of());

    private static final long SMALLEST_CARD = 1_000_000_000_000L;

    private final TextMasking builtIn;
    private final HiddenNames names;
    private final HiddenPaths paths;
    private final List<LinearPattern> custom;

    Masking(Set<MaskPattern> patterns, HiddenNames names, HiddenPaths paths, Collection<LinearPattern> custom) {
        this.builtIn = new TextMasking(patterns, names);
        this.names = names;
        this.paths = paths;
        this.custom = List.copyOf(custom);
    }

    static Masking of(Settings settings) {
        return new Masking(
                Set.copyOf(settings.get(MaskingSettings.PATTERNS)),
                new HiddenNames(settings.get(MaskingSettings.NAMES)),
                new HiddenPaths(settings.get(MaskingSettings.PATHS)),
                settings.get(MaskingSettings.CUSTOM).values().stream()
                        .map(LinearPattern::parse)
                        .toList());
    }

    /** As far as it can be known before a Crosscut is built: a setting that cannot be read hides what its default does. */
    static Masking early(List<Source> sources) {
        EarlySettings early = new EarlySettings(sources);
        return new Masking(
                MaskingSettings.patterns(early),
                new HiddenNames(usable(early.list(MaskingSettings.NAMES), HiddenNames::isName)),
                new HiddenPaths(usable(early.list(MaskingSettings.PATHS), HiddenPaths::isPath)),
                early.map(MaskingSettings.CUSTOM, LinearPattern::isUsable).values().stream()
                        .map(LinearPattern::parse)
                        .toList());
    }

    private static List<String> usable(List<String> all, Predicate<String> isUsable) {
        return all.stream().filter(isUsable).toList();
    }

    /** The text with what is hidden in it replaced; the same instance where that is nothing. */
    String text(String text) {
        String masked = builtIn.mask(text);
        for (int i = 0; i < custom.size(); i++) {
            masked = custom.get(i).replaceAll(masked, MASK);
        }
        return masked;
    }

    /**
     * The beginning of a text, masked: all of it where that has at most twice a number of characters. Of a longer one no more
     * than twice the number is looked at; and of what comes out after the last that is hidden, as much as the number is left
     * off at its end, for it may be part of something that would have been hidden as a whole.
     */
    String beginning(String text, int length) {
        if (text.length() <= 2 * length) {
            return text(text);
        }
        String beginning = text.substring(0, 2 * length);
        String masked = text(beginning);
        return masked.substring(0, masked.length() - sameAtEnd(masked, beginning, length));
    }

    /** How many characters two texts have in common at their ends, up to a bound. */
    private static int sameAtEnd(String one, String other, int bound) {
        int same = 0;
        while (same < bound
                && same < one.length()
                && one.charAt(one.length() - 1 - same) == other.charAt(other.length() - 1 - same)) {
            same++;
        }
        return same;
    }

    /** Appends the beginning of a text, masked, within a number of bytes, and marks the line where that is not all. */
    void write(String text, int length, int bound, LineBuffer line) {
        if (!line.text(beginning(text, length), bound) || text.length() > 2 * length) {
            line.markShortened();
        }
    }

    /** A name with what is hidden in it replaced. Most names are words, in which nothing is. */
    String name(String name) {
        for (int i = 0; i < name.length() && custom.isEmpty(); i++) {
            char c = name.charAt(i);
            boolean isOfWords = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.' || c == '-';
            if (!isOfWords) {
                return text(name);
            }
        }
        return custom.isEmpty() ? name : text(name);
    }

    /** Whether the value of a field is hidden as a whole, unless it is null, true, false or empty. */
    boolean hides(CharSequence name) {
        return names.hides(name) || (!paths.isEmpty() && paths.hides(place(null, name.toString())));
    }

    /** Whether a whole number is one that is hidden in text. */
    boolean hides(long number) {
        return (number >= SMALLEST_CARD || !custom.isEmpty()) && isChanged(Long.toString(number));
    }

    /** Whether the text of a value may have something that is hidden where the value has its JSON. */
    boolean hidesByPlace() {
        return !paths.isEmpty();
    }

    private boolean isChanged(String text) {
        return !text(text).equals(text);
    }

    /**
     * The value of a field with what is hidden in it replaced, names of fields included; the same instance where that is
     * nothing.
     */
    JsonNode tree(String name, JsonNode value) {
        return masked(place(null, name), name, value);
    }

    /** A name with dots is as many fields. */
    private static HiddenPaths.Place place(HiddenPaths.@Nullable Place parent, String name) {
        HiddenPaths.Place place = parent;
        int start = 0;
        for (int dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', start)) {
            place = new HiddenPaths.Place(place, name.substring(start, dot));
            start = dot + 1;
        }
        return new HiddenPaths.Place(place, name.substring(start));
    }

    private JsonNode masked(HiddenPaths.Place place, String name, JsonNode value) {
        if (value.isNull() || value.isMissingNode()) {
            return value;
        }
        boolean isEmptyText = value.isString() && value.stringValue().isEmpty();
        if (!isEmptyText && (paths.hides(place) || (!value.isBoolean() && names.hides(name)))) {
            return StringNode.valueOf(MASK);
        }
        return inside(place, value);
    }

    private JsonNode inside(HiddenPaths.Place place, JsonNode value) {
        if (value instanceof ObjectNode object) {
            return object(place, object);
        }
        if (value instanceof ArrayNode array) {
            return array(place, array);
        }
        if (value.isString()) {
            return text(value, value.stringValue());
        }
        return value.isIntegralNumber() ? text(value, value.asString()) : value;
    }

    private JsonNode text(JsonNode value, String text) {
        String masked = text(text);
        return masked.equals(text) ? value : StringNode.valueOf(masked);
    }

    @SuppressWarnings("ReferenceEquality") // nothing is hidden in the same instance
    private static boolean isSame(JsonNode masked, JsonNode value) {
        return masked == value;
    }

    private JsonNode object(HiddenPaths.Place place, ObjectNode object) {
        ObjectNode masked = object.objectNode();
        boolean isChanged = false;
        for (var field : object.properties()) {
            String name = text(field.getKey());
            JsonNode value = masked(place(place, field.getKey()), field.getKey(), field.getValue());
            isChanged |= !name.equals(field.getKey()) || !isSame(value, field.getValue());
            masked.set(Names.free(name, masked::has), value);
        }
        return isChanged ? masked : object;
    }

    private JsonNode array(HiddenPaths.Place place, ArrayNode array) {
        ArrayNode masked = array.arrayNode(array.size());
        boolean isChanged = false;
        for (JsonNode element : array) {
            JsonNode value = inside(place, element);
            isChanged |= !isSame(value, element);
            masked.add(value);
        }
        return isChanged ? masked : array;
    }
}
