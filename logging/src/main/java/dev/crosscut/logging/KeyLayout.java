package dev.crosscut.logging;

import dev.crosscut.core.Key;
import dev.crosscut.logging.KeyNames.KeyName;
import java.util.ArrayList;
import java.util.List;

/**
 * How the values of some keys of an exchange are on lines of one format: those that correlate first, then the others, the
 * first put first, each under a name of its own. Immutable; safe for use by several threads.
 */
final class KeyLayout {

    private final Key<?>[] keys;
    private final KeyName[] names;
    private final int[] places;

    /** Of keys as an exchange shows them, the last put first. */
    KeyLayout(Key<?>[] keys, KeyNames known) {
        this.keys = keys;
        this.names = new KeyName[keys.length];
        this.places = new int[keys.length];
        KeyName[] each = new KeyName[keys.length];
        List<Integer> inOrder = new ArrayList<>();
        for (int i = keys.length - 1; i >= 0; i--) {
            each[i] = known.of(keys[i].name());
            inOrder.add(i);
        }
        inOrder.sort((one, other) -> Integer.compare(each[one].order(), each[other].order()));
        for (int i = 0; i < names.length; i++) {
            int place = inOrder.get(i);
            int count = i;
            places[i] = place;
            names[i] = each[place].named(
                    Names.free(each[place].name(), name -> known.isOurs(name) || contains(count, name)));
        }
    }

    @SuppressWarnings("ReferenceEquality") // a key is itself and no other
    boolean isOf(Key<?>[] others) {
        if (keys.length != others.length) {
            return false;
        }
        for (int i = 0; i < keys.length; i++) {
            if (keys[i] != others[i]) {
                return false;
            }
        }
        return true;
    }

    int count() {
        return names.length;
    }

    /** The name of a field, in the order of the line. */
    KeyName name(int i) {
        return names[i];
    }

    /** Where the key of a field is among the keys. */
    int place(int i) {
        return places[i];
    }

    boolean has(String name) {
        return contains(names.length, name);
    }

    private boolean contains(int count, String name) {
        for (int i = 0; i < count; i++) {
            if (names[i].name().equals(name)) {
                return true;
            }
        }
        return false;
    }
}
