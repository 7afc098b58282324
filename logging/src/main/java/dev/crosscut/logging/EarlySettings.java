package dev.crosscut.logging;

import dev.crosscut.core.Setting;
import dev.crosscut.core.Source;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Properties;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Settings as they can be known before a Crosscut is built, from where one without sources of its own would read them.
 * Whatever is wrong is passed over: the first line is no place to refuse to start, and building the Crosscut says it all. A
 * schema that does not exist is told on stderr, since a program may build none.
 */
final class EarlySettings {

    private static final String FILE = "crosscut.properties";
    private static final int LONGEST_SHOWN = 64;
    private static final Pattern SIZE = Pattern.compile("(\\d{1,9})\\s?(B|KB|MB)?", Pattern.CASE_INSENSITIVE);

    private final List<Source> sources;

    EarlySettings(List<Source> sources) {
        this.sources = List.copyOf(sources);
    }

    /** System properties, the environment, and {@code crosscut.properties} in the working directory and on the class path. */
    static List<Source> usual() {
        List<Source> sources = new ArrayList<>();
        sources.add(Source.systemProperties());
        sources.add(Source.environment());
        Path file = Path.of(FILE);
        if (Files.isRegularFile(file)) {
            add(() -> Files.newInputStream(file), sources);
        }
        ClassLoader context = Thread.currentThread().getContextClassLoader();
        ClassLoader loader = context == null ? ClassLoader.getSystemClassLoader() : context;
        add(() -> loader.getResourceAsStream(FILE), sources);
        return sources;
    }

    private interface Opened {
        @Nullable
        InputStream open() throws IOException;
    }

    private static void add(Opened file, List<Source> sources) {
        Properties properties = new Properties();
        try (InputStream in = file.open()) {
            if (in == null) {
                return;
            }
            properties.load(new InputStreamReader(in, StandardCharsets.UTF_8));
        } catch (IOException | IllegalArgumentException e) {
            return; // core reads the file again, and says what is wrong with it
        }
        Map<String, String> values = new HashMap<>();
        properties.forEach((key, value) -> values.put(String.valueOf(key), String.valueOf(value)));
        sources.add(Source.of(FILE, values));
    }

    Optional<String> text(Setting<?> setting, Predicate<String> isUsable) {
        return sources.stream()
                .flatMap(source -> source.value(source.spelling(setting.key())).stream())
                .map(String::strip)
                .findFirst()
                .filter(isUsable);
    }

    boolean flag(Setting<Boolean> setting) {
        return text(setting, "true"::equalsIgnoreCase).isPresent();
    }

    <E extends Enum<E>> Optional<E> choice(Setting<E> setting, E[] choices) {
        return text(setting, text -> true)
                .flatMap(text -> Stream.of(choices)
                        .filter(choice -> choice.name()
                                .toLowerCase(Locale.ROOT)
                                .replace('_', '-')
                                .equalsIgnoreCase(text))
                        .findFirst());
    }

    /** What is wrong with a choice, in the words in which a Crosscut would refuse it. */
    <E extends Enum<E>> Optional<String> problem(Setting<E> setting, E[] choices) {
        Optional<String> text = text(setting, all -> true);
        return text.isEmpty() || choice(setting, choices).isPresent()
                ? Optional.empty()
                : Optional.of(setting.key() + " is '" + Texts.printable(Texts.beginning(text.get(), LONGEST_SHOWN))
                        + "'; expected " + setting.expected());
    }

    List<String> list(Setting<List<String>> setting) {
        return text(setting, text -> true).stream()
                .flatMap(text -> Stream.of(text.split(",")))
                .map(String::strip)
                .filter(element -> !element.isEmpty())
                .toList();
    }

    OptionalInt size(Setting<Long> setting, long least, long most) {
        Matcher size = SIZE.matcher(text(setting, text -> true).orElse(""));
        if (!size.matches()) {
            return OptionalInt.empty();
        }
        String unit = size.group(2) == null ? "B" : size.group(2).toUpperCase(Locale.ROOT);
        long bytes = Long.parseLong(size.group(1)) * (unit.equals("MB") ? 1024 * 1024 : unit.equals("KB") ? 1024 : 1);
        return bytes >= least && bytes <= most ? OptionalInt.of((int) bytes) : OptionalInt.empty();
    }

    Map<String, String> map(Setting<Map<String, String>> setting, Predicate<String> isUsable) {
        String key = setting.key().substring(0, setting.key().indexOf('<'));
        Map<String, String> map = new TreeMap<>();
        for (Source source : sources) {
            String before = source.spelling(key);
            boolean isVerbatim = before.equals(key);
            for (String each : source.keys()) {
                if (each.startsWith(before) && each.length() > before.length()) {
                    String name = each.substring(before.length());
                    source.value(each)
                            .map(String::strip)
                            .filter(isUsable)
                            .ifPresent(value -> map.putIfAbsent(
                                    isVerbatim
                                            ? name
                                            : name.toLowerCase(Locale.ROOT).replace('_', '-'),
                                    value));
                }
            }
        }
        return map;
    }
}
