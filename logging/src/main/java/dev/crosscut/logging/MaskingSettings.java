package dev.crosscut.logging;

import dev.crosscut.core.Setting;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What is set of masking. */
final class MaskingSettings {

    static final Setting<List<String>> NAMES = Setting.text(
                    "crosscut.logging.mask.names",
                    "Fields whose values are hidden beside those that are built in, by what their names end in:"
                            + " `customer_number` hides `customerNumber` and `old_customer_number` too. With `!` before it,"
                            + " a name that is not hidden; `!*` drops the built-in ones.")
            .check(HiddenNames.EXPECTED, HiddenNames::isName)
            .list()
            .or(List.of());

    static final Setting<List<String>> PATHS = Setting.text(
                    "crosscut.logging.mask.paths",
                    "Fields of nested values that are hidden, by their places: `card.number` hides the field `number` of"
                            + " each field `card`, however deep; `*.iban` the field `iban` of any field;"
                            + " `items[*].secret` that of each element.")
            .check(HiddenPaths.EXPECTED, HiddenPaths::isPath)
            .list()
            .or(List.of());

    static final Setting<List<MaskPattern>> PATTERNS = Setting.choice(
                    "crosscut.logging.mask.patterns",
                    "What is hidden in text, wherever it is logged. Empty for nothing.",
                    MaskPattern.class)
            .list()
            .or(List.of(MaskPattern.values()));

    static final Setting<Map<String, String>> CUSTOM = Setting.text(
                    "crosscut.logging.mask.custom.<name>",
                    "A pattern of one's own: all that is part of a match is hidden. A regular expression without"
                            + " references, lookaround and lazy quantifiers, matched in linear time.")
            .check(LinearPattern.EXPECTED, LinearPattern::isUsable)
            .map();

    private MaskingSettings() {}

    /** The patterns before a Crosscut is built: all of them, unless those that are set can be read. */
    static Set<MaskPattern> patterns(EarlySettings early) {
        Map<String, MaskPattern> byName = Stream.of(MaskPattern.values())
                .collect(Collectors.toMap(
                        pattern -> pattern.name().toLowerCase(Locale.ROOT).replace('_', '-'), pattern -> pattern));
        Optional<String> text = early.text(PATTERNS, set -> true);
        if (text.isEmpty()) {
            return Set.copyOf(byName.values());
        }
        Set<String> names = Stream.of(text.get().split(",", -1))
                .map(name -> name.strip().toLowerCase(Locale.ROOT))
                .collect(Collectors.toSet());
        boolean isReadable = text.get().isEmpty() || byName.keySet().containsAll(names);
        byName.keySet().removeIf(name -> isReadable && !names.contains(name));
        return Set.copyOf(byName.values());
    }

    static List<Setting<?>> all() {
        return List.of(NAMES, PATHS, PATTERNS, CUSTOM);
    }
}
