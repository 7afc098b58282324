package dev.crosscut.tracing;

import java.util.Locale;
import java.util.Set;

/** Whether a name that is to be that of a key is one of ours, misspelt: the keys of a service can have any other name. */
final class KeyNames {

    private static final int LONG = 11;

    private KeyNames() {}

    /** Whether the name is not among these, and differs from one by its separators, its case or a letter; two of a long one. */
    static boolean isMisspelt(String name, Set<String> known) {
        String letters = letters(name);
        return !known.contains(name) && known.stream().map(KeyNames::letters).anyMatch(each -> isNear(letters, each));
    }

    private static String letters(String name) {
        return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "");
    }

    private static boolean isNear(String letters, String known) {
        int most = known.length() < LONG ? 1 : 2;
        return Math.abs(letters.length() - known.length()) <= most && distance(letters, known) <= most;
    }

    /** How many letters to put in, take out, replace, or swap with the next, to make one of the other. */
    private static int distance(String one, String other) {
        int[][] distances = new int[one.length() + 1][other.length() + 1];
        for (int i = 0; i <= one.length(); i++) {
            for (int j = 0; j <= other.length(); j++) {
                if (i == 0 || j == 0) {
                    distances[i][j] = i + j;
                    continue;
                }
                boolean isSame = one.charAt(i - 1) == other.charAt(j - 1);
                int least = Math.min(distances[i - 1][j], distances[i][j - 1]) + 1;
                least = Math.min(least, distances[i - 1][j - 1] + (isSame ? 0 : 1));
                if (i > 1
                        && j > 1
                        && one.charAt(i - 1) == other.charAt(j - 2)
                        && one.charAt(i - 2) == other.charAt(j - 1)) {
                    least = Math.min(least, distances[i - 2][j - 2] + 1);
                }
                distances[i][j] = least;
            }
        }
        return distances[one.length()][other.length()];
    }
}
