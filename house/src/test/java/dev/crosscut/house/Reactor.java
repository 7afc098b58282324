package dev.crosscut.house;

import static java.util.stream.Collectors.toCollection;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.Location;
import java.io.File;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** All modules, as the root pom lists them, and those with a jar that users get. */
record Reactor(Path root, Pom pom, List<String> folders, List<Module> published) {
    static Reactor read() {
        // Surefire and failsafe set basedir; an editor runs tests in the module's folder.
        Path root = Path.of(System.getProperty("basedir", "")).toAbsolutePath().getParent();
        Pom pom = Pom.read(root.resolve("pom.xml"));
        List<String> folders = pom.texts("modules/module");
        List<Module> published = folders.stream()
                .filter(folder -> Files.exists(root.resolve(folder).resolve("pom.xml")))
                .flatMap(folder ->
                        Module.published(folder, Pom.read(root.resolve(folder).resolve("pom.xml"))))
                .toList();
        return new Reactor(root, pom, folders, published);
    }

    String version() {
        return pom.text("version");
    }

    Pom pom(String folder) {
        return Pom.read(root.resolve(folder).resolve("pom.xml"));
    }

    Set<String> publishedArtifacts() {
        return published.stream().map(Module::artifact).collect(toCollection(TreeSet::new));
    }

    /** What this run has of a module on its class path: its jar, or in {@code mvn test} its classes. */
    Path onClassPath(Module module) {
        String jar = module.artifact() + "-" + version() + ".jar";
        Path classes = root.resolve(module.folder()).resolve("target").resolve("classes");
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
                .map(Path::of)
                .filter(path -> path.endsWith(jar) || path.equals(classes))
                .filter(Files::exists)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("the class path of the house has neither " + jar + " nor "
                        + classes + ": add " + module + " to house/pom.xml"));
    }

    /** The jar of a module; there is none before the phase {@code package}. */
    Path jar(Module module) {
        Path path = onClassPath(module);
        if (!Files.isRegularFile(path)) {
            throw new IllegalStateException(path + " is not a jar: run mvn verify from the root of the project");
        }
        return path;
    }

    /** The classes of modules, wherever {@link #onClassPath} finds them. */
    JavaClasses classes(Collection<Module> modules) {
        return new ClassFileImporter()
                .importLocations(modules.stream()
                        .map(this::onClassPath)
                        .map(path -> Files.isDirectory(path)
                                ? Location.of(path)
                                : Location.of(URI.create("jar:" + path.toUri() + "!/")))
                        .toList());
    }

    /**
     * A module with a jar that users get.
     *
     * @param name the name in its descriptor, which is also its package
     * @param sees the artifact of ours that it may see beside core, or {@code *}; Enforcer is told the same
     */
    record Module(String folder, String artifact, String name, String sees) {
        private static Stream<Module> published(String folder, Pom pom) {
            return pom.text("packaging").equals("pom")
                            || pom.text("properties/maven.deploy.skip").equals("true")
                    ? Stream.empty()
                    : Stream.of(new Module(
                            folder,
                            pom.text("artifactId"),
                            pom.text("properties/module.name"),
                            pom.text("properties/house.sees")));
        }

        boolean maySee(Module other) {
            return other.equals(this)
                    || other.artifact.equals("crosscut-core")
                    || other.artifact.equals(sees)
                    || sees.equals("*");
        }

        @Override
        public String toString() {
            return artifact;
        }
    }
}
