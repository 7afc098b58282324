package dev.crosscut.core;

import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Reads declared settings from sources, the first source that has a key wins, and gathers every problem on the way. */
final class SettingsReader {

    /** What is added to the key of a secret for the file that holds it. */
    static final String FILE = ".file";

    /** A key that differs from a known one in more characters is not taken for a slip of the pen. */
    private static final int FAR = 6;

    /** Which artifact reads the settings under crosscut.&lt;segment&gt;, for the message where it is missing. */
    private static final Map<String, String> ARTIFACTS = Map.of(
            "idempotency",
            "crosscut-idempotency",
            "logging",
            "crosscut-logging",
            "metrics",
            "crosscut-metrics",
            "servlet",
            "crosscut-servlet",
            "tracing",
            "crosscut-tracing");

    private final List<Setting<?>> declared;
    private final Collection<Setting<Boolean>> switches;
    private final List<Source> sources;
    private final List<String> problems;
    private final IdentityHashMap<Setting<?>, Object> values = new IdentityHashMap<>();
    private final List<String> described = new ArrayList<>();

    /** A value as a source has it; that of a secret may be the file that holds it. */
    private static final class Raw {
        final Source source;
        final String key;
        final boolean isFile;
        final String text;

        Raw(Source source, String key, boolean isFile, String text) {
            this.source = source;
            this.key = key;
            this.isFile = isFile;
            this.text = text;
        }

        String origin() {
            return source.origin(key);
        }

        String where() {
            return HeaderFields.printable(key) + " (" + origin() + ")";
        }
    }

    /** A key that a declaration reads; the name is that in the place of the placeholder, or empty. */
    private static final class Match {
        final Setting<?> setting;
        final String name;
        final boolean isFile;

        Match(Setting<?> setting, String name, boolean isFile) {
            this.setting = setting;
            this.name = name;
            this.isFile = isFile;
        }
    }

    /** The switches, among the declared, are those of plugins, and come before what they switch. */
    SettingsReader(
            List<Setting<?>> declared,
            Collection<Setting<Boolean>> switches,
            List<Source> sources,
            List<String> problems) {
        this.declared = declared;
        this.switches = switches;
        this.sources = sources;
        this.problems = problems;
    }

    /** Reads all; what is wrong has been added to the problems. */
    Settings read() {
        for (Setting<?> setting : declared) {
            read(setting);
        }
        sources.forEach(this::refuseUnknown);
        return new Settings(declared, values, described);
    }

    private <T> void read(Setting<T> setting) {
        ValueType<?> each = setting.type().each();
        if (each != null) {
            readMap(setting, each);
            return;
        }
        for (Source source : sources) {
            List<Raw> raws = new ArrayList<>();
            find(source, setting.key(), false, raws);
            if (setting.type().isSecret()) {
                find(source, setting.key() + FILE, true, raws);
            }
            if (!raws.isEmpty()) {
                T value = only(raws) ? parse(setting.type(), raws.get(0)) : null;
                if (value != null) {
                    put(
                            setting,
                            value,
                            setting.type().format(value),
                            raws.get(0).origin());
                }
                return;
            }
        }
        T fallback = setting.fallback();
        if (fallback == null && !isSwitchedOff(setting)) {
            problems.add(setting.key() + " is missing; expected " + setting.expected());
        } else if (fallback != null) {
            put(setting, fallback, setting.type().format(fallback), "default");
        }
    }

    /** Whether its plugin is off, so that nobody will ask for it. */
    private boolean isSwitchedOff(Setting<?> setting) {
        return switches.stream()
                .filter(each -> setting.key()
                        .startsWith(each.key().substring(0, each.key().lastIndexOf('.') + 1)))
                .anyMatch(each -> Boolean.FALSE.equals(values.get(each)));
    }

    private static void find(Source source, String key, boolean isFile, List<Raw> raws) {
        String spelled = source.spelling(key);
        String text = source.value(spelled).orElse(null);
        if (text != null) {
            raws.add(new Raw(source, spelled, isFile, text));
        }
    }

    private boolean only(List<Raw> raws) {
        if (raws.size() > 1) {
            problems.add(raws.get(0).where() + " and " + raws.get(1).where() + " are both set; expected one of them");
        }
        return raws.size() == 1;
    }

    @SuppressWarnings("unchecked") // a map of what its type reads for each name
    private <T, E> void readMap(Setting<T> setting, ValueType<E> each) {
        Map<String, List<Raw>> found = new TreeMap<>();
        for (Source source : sources) {
            Map<String, List<Raw>> here = new TreeMap<>();
            for (String key : new TreeSet<>(source.keys())) {
                Match match = match(source, key);
                if (match != null && match.setting == setting) {
                    String text = source.value(key).orElse(null);
                    if (text != null) {
                        here.computeIfAbsent(match.name, name -> new ArrayList<>())
                                .add(new Raw(source, key, match.isFile, text));
                    }
                }
            }
            here.forEach(found::putIfAbsent);
        }
        Map<String, E> map = new TreeMap<>();
        Set<String> origins = new TreeSet<>();
        found.forEach((name, raws) -> {
            E value = only(raws) ? parse(each, raws.get(0)) : null;
            if (value != null) {
                map.put(name, value);
                origins.add(raws.get(0).origin());
            }
        });
        String origin = origins.isEmpty() ? "default" : String.join(", ", origins);
        T value = (T) Collections.unmodifiableMap(map);
        try {
            put(setting, value, setting.type().format(value), origin);
        } catch (IllegalArgumentException e) {
            problems.add(setting.key() + " (" + origin + ") is '"
                    + HeaderFields.printable(each.map().format(map)) + "'; expected " + setting.expected());
        }
    }

    private void put(Setting<?> setting, Object value, String shown, String origin) {
        values.put(setting, value);
        described.add(setting.key() + " = " + shown + " (" + origin + ")");
    }

    private <T> @Nullable T parse(ValueType<T> type, Raw raw) {
        try {
            return raw.isFile
                    ? type.ofSecret(Secret.file(Path.of(raw.text.strip())))
                    : type.parse(type.isSecret() ? raw.text : raw.text.strip());
        } catch (IOException | InvalidPathException e) {
            problems.add(raw.where() + " names a file that cannot be read ("
                    + e.getClass().getSimpleName() + "); expected the path of a file of UTF-8 text");
        } catch (IllegalArgumentException | ArithmeticException e) {
            String value = type.isSecret() ? "not usable" : "'" + HeaderFields.printable(raw.text) + "'";
            problems.add(raw.where() + " is " + value + "; expected " + type.expected());
        }
        return null;
    }

    private void refuseUnknown(Source source) {
        for (String key : new TreeSet<>(source.keys())) {
            if (match(source, key) == null) {
                problems.add(HeaderFields.printable(key) + " (" + source.origin(key) + ") is not a known setting"
                        + hint(source, key));
            }
        }
    }

    /** The declaration that reads this key: one that spells it out, else the map whose fixed parts are longest. */
    private @Nullable Match match(Source source, String key) {
        Match best = null;
        for (Setting<?> setting : declared) {
            Match match = match(setting, source, key);
            if (match != null && (best == null || isCloser(match, best))) {
                best = match;
            }
        }
        return best;
    }

    private static boolean isCloser(Match match, Match best) {
        return match.name.isEmpty() != best.name.isEmpty()
                ? match.name.isEmpty()
                : match.setting.key().length() > best.setting.key().length();
    }

    private static @Nullable Match match(Setting<?> setting, Source source, String key) {
        Match match = match(setting, source, key, false);
        return match == null && setting.type().holdsSecrets() ? match(setting, source, key, true) : match;
    }

    private static @Nullable Match match(Setting<?> setting, Source source, String key, boolean isFile) {
        String declared = isFile ? setting.key() + FILE : setting.key();
        int open = declared.indexOf('<');
        if (open < 0) {
            return key.equals(source.spelling(declared)) ? new Match(setting, "", isFile) : null;
        }
        String before = source.spelling(declared.substring(0, open));
        String after = source.spelling(declared.substring(declared.indexOf('>') + 1));
        if (key.length() <= before.length() + after.length() || !key.startsWith(before) || !key.endsWith(after)) {
            return null;
        }
        String name = key.substring(before.length(), key.length() - after.length());
        if (name.indexOf('.') >= 0) {
            return null;
        }
        boolean verbatim = source.spelling("a-b").equals("a-b");
        return new Match(
                setting, verbatim ? name : name.toLowerCase(Locale.ROOT).replace('_', '-'), isFile);
    }

    private String hint(Source source, String key) {
        String prefix = source.spelling("crosscut.");
        if (!key.startsWith(prefix)) {
            return "; expected a key that begins with " + prefix;
        }
        String rest = key.substring(prefix.length());
        int end = rest.indexOf(prefix.charAt(prefix.length() - 1));
        String segment = (end < 0 ? rest : rest.substring(0, end)).toLowerCase(Locale.ROOT);
        String artifact = ARTIFACTS.get(segment);
        if (artifact != null && declared.stream().noneMatch(s -> s.key().startsWith("crosscut." + segment + "."))) {
            return "; " + artifact + " would read it, and is not on the class path";
        }
        return declared.stream()
                .map(setting -> source.spelling(setting.key()))
                .filter(known -> Math.abs(known.length() - key.length()) <= FAR && distance(known, key) <= FAR)
                .min(Comparator.comparingInt(known -> distance(known, key)))
                .map(known -> "; did you mean " + known + "?")
                .orElse("; docs/settings.md lists those that are");
    }

    /** How many characters must be changed, put in, left out or swapped with their neighbour (optimal string alignment). */
    static int distance(String a, String b) {
        int[][] cost = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    cost[i][j] = i + j;
                    continue;
                }
                boolean same = a.charAt(i - 1) == b.charAt(j - 1);
                cost[i][j] =
                        Math.min(Math.min(cost[i - 1][j], cost[i][j - 1]) + 1, cost[i - 1][j - 1] + (same ? 0 : 1));
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    cost[i][j] = Math.min(cost[i][j], cost[i - 2][j - 2] + 1);
                }
            }
        }
        return cost[a.length()][b.length()];
    }
}
