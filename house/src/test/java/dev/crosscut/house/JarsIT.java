package dev.crosscut.house;

import static java.util.stream.Collectors.toCollection;
import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaType;
import dev.crosscut.house.Reactor.Module;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.module.FindException;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleDescriptor.Requires;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReference;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What users get: the jars, their descriptors and what they bring along. */
class JarsIT {
    private static final int PUBLIC_PERCENT_OF_CORE = 50;

    private static final Reactor REACTOR = Reactor.read();

    static List<Module> published() {
        return REACTOR.published();
    }

    @ParameterizedTest
    @MethodSource("published")
    void theJarIsWithinItsBudget(Module module) throws IOException {
        Path jar = REACTOR.jar(module);
        int bound = Budget.read().get(module.artifact()).jarKib();

        assertThat(Files.size(jar))
                .as("bytes of %s; %s allows %d KiB", jar.getFileName(), Budget.TABLE, bound)
                .isLessThanOrEqualTo(bound * 1024L);
    }

    @ParameterizedTest
    @MethodSource("published")
    void theDependenciesAreWithinTheirBudget(Module module) throws IOException {
        int bound = Budget.read().get(module.artifact()).dependencies();

        assertThat(librariesOf(module))
                .as("libraries that %s brings to a class path; %s allows %d", module, Budget.TABLE, bound)
                .hasSizeLessThanOrEqualTo(bound);
    }

    @ParameterizedTest
    @MethodSource("published")
    void theServicesAreTheSameOnTheClassPathAndOnTheModulePath(Module module) throws IOException {
        Map<String, Set<String>> provided = new TreeMap<>();
        descriptor(module)
                .provides()
                .forEach(provides -> provided.put(provides.service(), new TreeSet<>(provides.providers())));

        assertThat(services(module))
                .as("META-INF/services of %s, and the provides of its module-info", module)
                .isEqualTo(provided);
    }

    @ParameterizedTest
    @MethodSource("published")
    void theDescriptorHasTheNameThatThePomSays(Module module) {
        assertThat(descriptor(module).name()).as("module.name of %s", module).isEqualTo(module.name());
        assertThat(descriptor(module).isAutomatic())
                .as("%s without module-info", module)
                .isFalse();
    }

    @ParameterizedTest
    @MethodSource("published")
    void everyPublicTypeIsInAnExportedPackage(Module module) {
        Set<String> exported = exported(module);

        assertThat(classes(module).stream()
                        .filter(JavaClass::isTopLevelClass)
                        .filter(type -> type.getModifiers().contains(JavaModifier.PUBLIC))
                        .filter(type -> !exported.contains(type.getPackageName()))
                        .map(JavaClass::getName))
                .as("public types of %s outside of its exported packages %s", module, exported)
                .isEmpty();
    }

    @Test
    void mostOfCoreIsPackagePrivate() {
        Module core = REACTOR.published().stream()
                .filter(module -> module.artifact().equals("crosscut-core"))
                .findFirst()
                .orElseThrow();
        List<JavaClass> types = classes(core).stream()
                .filter(JavaClass::isTopLevelClass)
                .filter(type -> !type.getSimpleName().equals("package-info"))
                .toList();
        List<String> open = types.stream()
                .filter(type -> type.getModifiers().contains(JavaModifier.PUBLIC))
                .map(JavaClass::getName)
                .sorted()
                .toList();

        assertThat(open.size() * 100)
                .as(
                        "%d of %d top-level types of core are public, at most %d %% may be: %s",
                        open.size(), types.size(), PUBLIC_PERCENT_OF_CORE, open)
                .isLessThanOrEqualTo(types.size() * PUBLIC_PERCENT_OF_CORE);
    }

    /** The check that javac's lint {@code exports} makes, without the annotations that it counts too. */
    @ParameterizedTest
    @MethodSource("published")
    void whatTheApiShowsTheDescriptorPassesOn(Module module) {
        Map<String, ModuleDescriptor> byPackage = descriptorsByPackage();
        Set<String> readable = passedOn(descriptor(module), byPackage.values());
        // Whoever names a type that is for an optional library has that library.
        descriptor(module).requires().stream()
                .filter(requires -> requires.modifiers().contains(Requires.Modifier.STATIC))
                .forEach(optional -> readable.add(optional.name()));
        Set<String> exported = exported(module);

        Set<String> hidden = new TreeSet<>();
        classes(module).stream()
                .filter(type -> exported.contains(type.getPackageName()))
                .filter(JarsIT::isVisible)
                .forEach(type -> shown(type).forEach(seen -> {
                    String name = byPackage.containsKey(seen.getPackageName())
                            ? byPackage.get(seen.getPackageName()).name()
                            : "no module";
                    if (!readable.contains(name)) {
                        hidden.add(type.getName() + " shows " + seen.getName() + " of " + name);
                    }
                }));

        assertThat(hidden)
                .as("types in the API of %s from modules that it does not require transitively", module)
                .isEmpty();
    }

    /** The libraries of others at compile and run time, as maven-dependency-plugin listed them for this build. */
    private static List<String> librariesOf(Module module) throws IOException {
        Path list = REACTOR.root().resolve(module.folder()).resolve("target").resolve("runtime-dependencies.txt");
        try (Stream<String> lines = Files.lines(list)) {
            return lines.map(String::strip)
                    .filter(line -> line.split(":").length >= 4)
                    .filter(line -> !line.startsWith("dev.crosscut:"))
                    .toList();
        }
    }

    private static Map<String, Set<String>> services(Module module) throws IOException {
        Map<String, Set<String>> services = new TreeMap<>();
        try (JarFile jar = new JarFile(REACTOR.jar(module).toFile())) {
            for (JarEntry entry : jar.stream()
                    .filter(each -> !each.isDirectory() && each.getName().startsWith("META-INF/services/"))
                    .toList()) {
                try (BufferedReader reader =
                        new BufferedReader(new InputStreamReader(jar.getInputStream(entry), StandardCharsets.UTF_8))) {
                    services.put(
                            entry.getName().substring("META-INF/services/".length()),
                            reader.lines()
                                    .map(line -> line.replaceFirst("#.*", "").strip())
                                    .filter(line -> !line.isEmpty())
                                    .collect(toCollection(TreeSet::new)));
                }
            }
        }
        return services;
    }

    private static ModuleDescriptor descriptor(Module module) {
        return ModuleFinder.of(REACTOR.jar(module)).findAll().iterator().next().descriptor();
    }

    private static Set<String> exported(Module module) {
        return descriptor(module).exports().stream()
                .map(ModuleDescriptor.Exports::source)
                .collect(toCollection(TreeSet::new));
    }

    private static JavaClasses classes(Module module) {
        return REACTOR.classes(List.of(module));
    }

    private static boolean isVisible(JavaClass type) {
        return isVisible(type.getModifiers())
                && type.getEnclosingClass().map(JarsIT::isVisible).orElse(true);
    }

    private static boolean isVisible(Set<JavaModifier> modifiers) {
        return modifiers.contains(JavaModifier.PUBLIC) || modifiers.contains(JavaModifier.PROTECTED);
    }

    /** Every class in the signatures of a type and of its visible members. */
    private static Set<JavaClass> shown(JavaClass type) {
        Set<JavaType> types = new HashSet<>(type.getInterfaces());
        type.getSuperclass().ifPresent(types::add);
        types.addAll(type.getTypeParameters());
        for (JavaMember member : type.getMembers()) {
            if (!isVisible(member.getModifiers()) || member.getModifiers().contains(JavaModifier.SYNTHETIC)) {
                continue;
            }
            if (member instanceof JavaField field) {
                types.add(field.getType());
            } else if (member instanceof JavaCodeUnit unit) {
                types.add(unit.getReturnType());
                types.addAll(unit.getParameterTypes());
                types.addAll(unit.getTypeParameters());
                types.addAll(unit.getExceptionTypes());
            }
        }
        Set<JavaClass> classes = new HashSet<>();
        types.forEach(each -> each.getAllInvolvedRawTypes().forEach(raw -> classes.add(raw.getBaseComponentType())));
        classes.removeIf(JavaClass::isPrimitive);
        return classes;
    }

    /** The names of the modules that whoever requires this one reads. */
    private static Set<String> passedOn(ModuleDescriptor module, Collection<ModuleDescriptor> known) {
        Map<String, ModuleDescriptor> byName =
                known.stream().collect(toMap(ModuleDescriptor::name, each -> each, (one, same) -> one));
        Set<String> names = new TreeSet<>(Set.of("java.base"));
        collect(module, byName, names);
        return names;
    }

    private static void collect(ModuleDescriptor module, Map<String, ModuleDescriptor> byName, Set<String> names) {
        if (names.add(module.name())) {
            module.requires().stream()
                    .filter(requires -> requires.modifiers().contains(Requires.Modifier.TRANSITIVE))
                    .filter(requires -> byName.containsKey(requires.name()))
                    .forEach(requires -> collect(byName.get(requires.name()), byName, names));
        }
    }

    /** The descriptors of the JDK and of the jars on the class path, by the packages that they hold. */
    private static Map<String, ModuleDescriptor> descriptorsByPackage() {
        Map<String, ModuleDescriptor> byPackage = new HashMap<>();
        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
                .map(Path::of)
                .filter(path -> path.toString().endsWith(".jar"))
                .flatMap(JarsIT::modules)
                .map(ModuleReference::descriptor)
                .forEach(descriptor -> descriptor.packages().forEach(name -> byPackage.put(name, descriptor)));
        ModuleFinder.ofSystem().findAll().stream()
                .map(ModuleReference::descriptor)
                .forEach(descriptor -> descriptor.packages().forEach(name -> byPackage.put(name, descriptor)));
        return byPackage;
    }

    private static Stream<ModuleReference> modules(Path jar) {
        try {
            return ModuleFinder.of(jar).findAll().stream();
        } catch (FindException e) {
            return Stream.empty(); // A jar from whose file name no module name can be made; nobody can require it.
        }
    }
}
