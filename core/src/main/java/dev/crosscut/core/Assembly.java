package dev.crosscut.core;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Makes a {@link Crosscut}: finds plugins, reads settings, installs, orders. Gathers all that is wrong before it fails. */
final class Assembly {

    static final Setting<Boolean> LEAK_DETECTION = Setting.flag(
                    "crosscut.leak-detection",
                    "Whether each call that an adapter drops without ending it is reported once it is garbage. Costs an"
                            + " allocation an exchange; for tests, and for the search when exchanges are missing in logs.")
            .or(false);

    private static final System.Logger LOG = System.getLogger("dev.crosscut");
    private static final String FILE = "crosscut.properties";
    private static final Pattern PLUGIN_NAME = Pattern.compile("[a-z][a-z0-9-]*");

    final Map<String, String> properties = new LinkedHashMap<>();
    final List<Source> sources = new ArrayList<>();
    final List<Plugin> plugins = new ArrayList<>();
    final List<Observer> observers = new ArrayList<>();
    final List<Guard> guards = new ArrayList<>();
    final List<Binding> bindings = new ArrayList<>();
    final List<AutoCloseable> resources = new ArrayList<>();
    final Map<String, LongSupplier> counters = new HashMap<>();
    final Map<String, LongSupplier> gauges = new HashMap<>();
    boolean discover = true;
    LongSupplier clock = System::nanoTime;

    private final List<String> problems = new ArrayList<>();
    private boolean installing;
    private boolean built;

    /** For what only the service may call, before building. */
    Assembly configuring() {
        if (installing) {
            throw new IllegalStateException(
                    "a plugin may add only observers, guards, bindings, meters and resources to the builder");
        }
        return open();
    }

    /** For what a plugin may call too. */
    Assembly open() {
        if (built) {
            throw new IllegalStateException("this builder was used already; expected a new one for each Crosscut");
        }
        return this;
    }

    void property(String key, String value) {
        String before = properties.putIfAbsent(key, value);
        if (before != null) {
            throw new IllegalStateException(key + " was set already; expected each property once");
        }
    }

    void register(Map<String, LongSupplier> meters, String name, LongSupplier value) {
        if (meters.putIfAbsent(Objects.requireNonNull(name), Objects.requireNonNull(value)) != null) {
            problems.add("the meter " + name + " is registered twice; expected once");
        }
    }

    /** A plugin and what it says of itself. */
    private static final class Candidate {
        final Plugin plugin;
        final String name;
        final List<Setting<?>> settings;
        final Setting<Boolean> enabled;

        Candidate(Plugin plugin, String name) {
            this.plugin = plugin;
            this.name = name;
            this.settings = List.copyOf(plugin.settings());
            this.enabled = Setting.flag(prefix() + "enabled", "Whether the plugin " + name + " is installed.")
                    .or(true);
        }

        String prefix() {
            return "crosscut." + name + ".";
        }

        @Override
        public String toString() {
            return name;
        }
    }

    Crosscut build(Crosscut.Builder builder) {
        installing = true;
        try {
            List<Candidate> all = candidates();
            List<Setting<Boolean>> switches =
                    all.stream().map(candidate -> candidate.enabled).toList();
            Settings settings = new SettingsReader(declared(all), switches, allSources(), problems).read();
            failOnProblems();
            List<Candidate> installed = new ArrayList<>();
            for (Candidate candidate : all) {
                if (settings.get(candidate.enabled)) {
                    run(candidate, builder, settings, null);
                    installed.add(candidate);
                }
            }
            Crosscut crosscut = assemble(settings, installed);
            for (Candidate candidate : installed) {
                run(candidate, builder, settings, crosscut);
            }
            return crosscut;
        } catch (Throwable e) {
            closeAll(e);
            throw e;
        } finally {
            installing = false;
            built = true;
        }
    }

    private void failOnProblems() {
        if (!problems.isEmpty()) {
            throw new SettingsException(problems);
        }
    }

    private List<Candidate> candidates() {
        List<Plugin> all = new ArrayList<>();
        all.add(new CorrelationPlugin());
        all.addAll(plugins);
        Set<Class<?>> given = new HashSet<>();
        for (Plugin plugin : plugins) {
            given.add(plugin.getClass());
        }
        if (discover) {
            for (Plugin found : discovered()) {
                if (!given.contains(found.getClass())) {
                    all.add(found);
                }
            }
        }
        Map<String, Candidate> byName = new LinkedHashMap<>();
        for (Plugin plugin : all) {
            Candidate candidate = candidate(plugin);
            Candidate other = candidate == null ? null : byName.putIfAbsent(candidate.name, candidate);
            if (other != null) {
                problems.add("two plugins are named " + other.name + ": " + describe(other.plugin) + " and "
                        + describe(plugin)
                        + "; expected one, so take the other off the class path or give it another name");
            }
        }
        return List.copyOf(byName.values());
    }

    private @Nullable Candidate candidate(Plugin plugin) {
        try {
            String name = plugin.name();
            if (PLUGIN_NAME.matcher(name).matches()) {
                return new Candidate(plugin, name);
            }
            problems.add("the plugin " + describe(plugin) + " is named '" + HeaderFields.printable(name)
                    + "'; expected lower-case letters, digits and dashes");
        } catch (VirtualMachineError e) {
            throw e;
        } catch (Throwable e) {
            problems.add("the plugin " + describe(plugin) + " cannot say its name and its settings: " + e
                    + "; expected both, and no null");
        }
        return null;
    }

    private List<Plugin> discovered() {
        List<Plugin> found = new ArrayList<>();
        Iterator<Plugin> services =
                ServiceLoader.load(Plugin.class, classLoader()).iterator();
        boolean more = true;
        while (more) {
            try {
                more = services.hasNext();
                if (more) {
                    found.add(services.next());
                }
            } catch (ServiceConfigurationError | LinkageError e) {
                String problem =
                        "a plugin on the class path cannot be loaded: " + e + "; expected all that it needs beside it";
                boolean isNew = !problems.contains(problem);
                if (isNew) {
                    problems.add(problem);
                }
                more = isNew
                        || !(e.getCause() instanceof IOException); // never gets past a class path that it cannot read
            }
        }
        found.sort(Comparator.comparing(plugin -> plugin.getClass().getName()));
        return found;
    }

    private static ClassLoader classLoader() {
        ClassLoader context = Thread.currentThread().getContextClassLoader();
        ClassLoader own = Assembly.class.getClassLoader();
        return context != null ? context : own != null ? own : ClassLoader.getSystemClassLoader();
    }

    private static String describe(Plugin plugin) {
        var domain = plugin.getClass().getProtectionDomain().getCodeSource();
        return plugin.getClass().getName()
                + (domain == null || domain.getLocation() == null ? "" : " (" + domain.getLocation() + ")");
    }

    private List<Setting<?>> declared(List<Candidate> all) {
        List<Setting<?>> declared = new ArrayList<>();
        declared.add(LEAK_DETECTION);
        for (Candidate candidate : all) {
            declared.add(candidate.enabled);
            for (Setting<?> setting : candidate.settings) {
                if (!setting.key().startsWith(candidate.prefix())) {
                    problems.add("the plugin " + candidate.name + " declares " + setting.key()
                            + "; expected a key that begins with " + candidate.prefix());
                }
                if (setting.key().indexOf('<') >= 0 && setting.type().each() == null) {
                    problems.add("the plugin " + candidate.name + " declares " + setting.key()
                            + " for one value; expected map() for a key with a placeholder");
                }
                declared.add(setting);
            }
        }
        Map<String, Setting<?>> bySpelling = new HashMap<>();
        for (Setting<?> setting : declared) {
            claim(setting.key(), setting, bySpelling);
            if (setting.type().holdsSecrets()) {
                claim(setting.key() + SettingsReader.FILE, setting, bySpelling);
            }
        }
        return declared;
    }

    private void claim(String key, Setting<?> setting, Map<String, Setting<?>> bySpelling) {
        String spelling = key.replace('-', '.').replaceAll("<[^>]*>", "<>");
        Setting<?> other = bySpelling.putIfAbsent(spelling, setting);
        if (other != null) {
            problems.add(other.key() + " and " + setting.key()
                    + " are declared by plugins and are the same in the environment; expected different keys");
        }
    }

    private List<Source> allSources() {
        List<Source> all = new ArrayList<>();
        all.add(Source.of("builder", properties));
        if (!sources.isEmpty()) {
            all.addAll(sources);
            return all;
        }
        all.add(Source.systemProperties());
        all.add(Source.environment());
        if (Files.isRegularFile(Path.of(FILE))) {
            read(FILE, () -> Files.newInputStream(Path.of(FILE)), all);
        }
        List<URL> found = classLoader().resources(FILE).toList();
        if (found.size() > 1) {
            problems.add(FILE + " is on the class path " + found.size() + " times: " + found + "; expected one");
        } else if (!found.isEmpty()) {
            read(FILE + " on the class path", found.get(0)::openStream, all);
        }
        return all;
    }

    private void read(String name, Callable<InputStream> file, List<Source> all) {
        try (InputStream in = file.call()) {
            all.add(PropertiesReader.read(name, in.readAllBytes(), problems));
        } catch (Exception e) {
            problems.add(name + " cannot be read: " + e + "; expected a readable file of UTF-8 text");
        }
    }

    /** Installs a plugin, or starts it once the whole is built. */
    private static void run(
            Candidate candidate, Crosscut.Builder builder, Settings settings, @Nullable Crosscut built) {
        try {
            if (built == null) {
                candidate.plugin.install(builder, settings);
            } else {
                candidate.plugin.started(built);
            }
        } catch (VirtualMachineError e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(
                    "the plugin " + candidate.name + " ("
                            + candidate.plugin.getClass().getName() + ") cannot be "
                            + (built == null ? "installed" : "started") + ": " + e + "; "
                            + candidate.enabled.key() + "=false starts without it",
                    e);
        }
    }

    private Crosscut assemble(Settings settings, List<Candidate> installed) {
        refuseDuplicates("observer", observers);
        refuseDuplicates("guard", guards);
        refuseDuplicates("binding", bindings);
        if (observers.size() > Pipeline.MAX_OBSERVERS) {
            problems.add(observers.size() + " observers are registered; expected at most " + Pipeline.MAX_OBSERVERS);
        }
        failOnProblems();
        observers.sort(Comparator.comparing(Observer::phase));
        guards.sort(Comparator.comparing(Guard::phase));
        Faults faults = new Faults(clock);
        Pipeline pipeline = new Pipeline(
                observers.toArray(new Observer[0]),
                guards.toArray(new Guard[0]),
                bindings.toArray(new Binding[0]),
                faults,
                clock,
                settings.get(LEAK_DETECTION) ? new LeakDetector(faults) : null);
        LOG.log(
                System.Logger.Level.INFO,
                "Crosscut is ready. Plugins: " + installed + ". Observers: " + names(observers, Observer::phase)
                        + ". Guards: " + names(guards, Guard::phase) + ". Settings: "
                        + String.join("; ", settings.describe()));
        List<AutoCloseable> opened = List.copyOf(resources);
        return new Crosscut(
                pipeline, settings, Map.copyOf(counters), Map.copyOf(gauges), () -> closeAll(opened, faults));
    }

    private <T> void refuseDuplicates(String kind, List<T> participants) {
        Set<T> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        for (T participant : participants) {
            if (!seen.add(participant)) {
                problems.add(
                        "the " + kind + " " + participant.getClass().getName() + " is registered twice; expected once");
            }
        }
    }

    private static <T> String names(List<T> participants, Function<T, Enum<?>> phase) {
        return participants.stream()
                .map(p -> p.getClass().getName() + " (" + phase.apply(p) + ")")
                .collect(Collectors.joining(", ", "[", "]"));
    }

    private static void closeAll(List<AutoCloseable> opened, Faults faults) {
        for (int i = opened.size() - 1; i >= 0; i--) {
            AutoCloseable resource = opened.get(i);
            try {
                resource.close();
            } catch (Throwable e) {
                faults.report(
                        System.Logger.Level.ERROR, resource, resource.getClass().getName() + " could not be closed", e);
            }
        }
    }

    private void closeAll(Throwable failure) {
        for (int i = resources.size() - 1; i >= 0; i--) {
            try {
                resources.get(i).close();
            } catch (Throwable e) {
                failure.addSuppressed(e);
            }
        }
    }
}
