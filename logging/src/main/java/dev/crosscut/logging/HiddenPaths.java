package dev.crosscut.logging;

import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Places in values with fields of their own: {@code card.number} is the field number of each field card, however deep;
 * {@code *.iban} the field iban of any field. Elements of arrays are no step of a path, so {@code items[*].secret} and
 * {@code items.secret} are one. Upper and lower case, dashes and underscores make no difference.
 */
final class HiddenPaths {

    /** What a setting may have. */
    static final String EXPECTED = "a path such as card.number, *.iban or items[*].secret";

    private static final String ANY = "*";
    private static final String EACH = "[*]";

    static final HiddenPaths NONE = new HiddenPaths(List.of());

    /** Where a walk through a value is: the name of a field, and where that field is. */
    record Place(@Nullable Place parent, String name) {

        Place(@Nullable Place parent, String name) {
            this.parent = parent;
            this.name = HiddenNames.bare(name);
        }
    }

    private final List<List<String>> paths; // each from its end

    HiddenPaths(Collection<String> paths) {
        this.paths = paths.stream().map(HiddenPaths::fromItsEnd).toList();
    }

    private static List<String> fromItsEnd(String path) {
        String[] names = path.replace(EACH, "").split("\\.", -1);
        String[] reversed = new String[names.length];
        for (int i = 0; i < names.length; i++) {
            String name = names[names.length - 1 - i].strip();
            reversed[i] = name.equals(ANY) ? ANY : HiddenNames.bare(name);
        }
        return List.of(reversed);
    }

    /** Whether a setting may have this: names and stars, not stars alone. */
    static boolean isPath(String path) {
        boolean hasName = false;
        for (String name : path.replace(EACH, "").split("\\.", -1)) {
            String stripped = name.strip();
            boolean isName = stripped.chars().allMatch(c -> Chars.isLetterOrDigit((char) c) || c == '-' || c == '_')
                    && !HiddenNames.bare(stripped).isEmpty();
            if (!isName && !stripped.equals(ANY)) {
                return false;
            }
            hasName |= isName;
        }
        return hasName;
    }

    boolean isEmpty() {
        return paths.isEmpty();
    }

    boolean hides(Place place) {
        for (List<String> path : paths) {
            if (isAt(path, place)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isAt(List<String> path, Place place) {
        Place here = place;
        for (String name : path) {
            if (here == null || !(name.equals(ANY) || name.equals(here.name))) {
                return false;
            }
            here = here.parent;
        }
        return true;
    }
}
