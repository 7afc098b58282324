package dev.crosscut.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the poms say of each other. */
class ReactorTest {
    private static final Set<String> NOT_SOURCES = Set.of("target", "src", ".git", ".mvn", ".ci");

    private final Reactor reactor = Reactor.read();

    @Test
    void theRootPomListsEveryModuleThatThereIs() throws IOException {
        assertThat(poms(reactor.root()))
                .as("folders with a pom.xml, and <modules> of the root pom")
                .containsExactlyInAnyOrderElementsOf(reactor.folders());
    }

    @Test
    void everyPublishedModuleIsInTheBomAndNothingElse() {
        Pom bom = reactor.pom("bom");

        assertThat(bom.ours("dependencyManagement/dependencies"))
                .as("dependencyManagement of bom/pom.xml, and the modules without maven.deploy.skip")
                .containsExactlyElementsOf(reactor.publishedArtifacts());
        assertThat(bom.texts("dependencyManagement/dependencies/dependency"))
                .as("the BOM manages no library of others")
                .hasSameSizeAs(reactor.published());
        assertThat(bom.texts("parent"))
                .as("the parent of the BOM would bring its own managed versions to users")
                .isEmpty();
    }

    @Test
    void everyPublishedModuleIsManagedTestedByTheHouseAndUsedByTheConsumer() {
        Set<String> published = reactor.publishedArtifacts();

        assertThat(reactor.pom().ours("dependencyManagement/dependencies"))
                .as("dependencyManagement of pom.xml")
                .containsExactlyElementsOf(published);
        assertThat(reactor.pom("house").ours("dependencies"))
                .as("dependencies of house/pom.xml")
                .containsExactlyElementsOf(published);
        assertThat(reactor.pom("bom/consumer").ours("dependencies"))
                .as("dependencies of bom/consumer/pom.xml")
                .containsExactlyElementsOf(published);
    }

    @Test
    void theConsumerTakesItsVersionsFromTheBomAlone() {
        Pom consumer = reactor.pom("bom/consumer");

        assertThat(consumer.ours("dependencyManagement/dependencies")).containsExactly("crosscut-bom");
        assertThat(consumer.texts("parent")).isEmpty();
        assertThat(consumer.texts("dependencies/dependency[groupId='dev.crosscut']/version"))
                .as("versions of ours in bom/consumer/pom.xml")
                .isEmpty();
    }

    @Test
    void oneVersionEverywhere() {
        assertThat(Stream.concat(reactor.folders().stream().map(reactor::pom), Stream.of(reactor.pom()))
                        .flatMap(pom -> Stream.of(
                                        "version",
                                        "parent[groupId='dev.crosscut']/version",
                                        "dependencyManagement/dependencies/dependency[artifactId='crosscut-bom']/version")
                                .flatMap(path -> pom.texts(path).stream())
                                .map(version ->
                                        version + " in " + reactor.root().relativize(pom.file())))
                        .toList())
                .allSatisfy(line -> assertThat(line).startsWith(reactor.version() + " in "));
    }

    @Test
    void everyPublishedModuleHasABudget() {
        assertThat(Budget.read().keySet())
                .as("rows of %s", Budget.TABLE)
                .containsExactlyElementsOf(reactor.publishedArtifacts());
    }

    /** The folders below one that have a pom, relative to it. */
    private static Set<String> poms(Path root) throws IOException {
        Set<String> found = new TreeSet<>();
        try (Stream<Path> children = Files.list(root)) {
            for (Path folder : children.filter(Files::isDirectory).toList()) {
                String name = folder.getFileName().toString();
                if (NOT_SOURCES.contains(name)) {
                    continue;
                }
                if (Files.exists(folder.resolve("pom.xml"))) {
                    found.add(name);
                }
                poms(folder).forEach(deeper -> found.add(name + "/" + deeper));
            }
        }
        return found;
    }
}
