package dev.crosscut.house;

import static com.tngtech.archunit.core.domain.JavaModifier.SYNCHRONIZED;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertAll;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import dev.crosscut.house.Reactor.Module;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/** What the classes of published modules may know of each other, and may not do. */
class ArchitectureTest {
    /** Fewer classes than this were not all of them, and the rules below would pass for want of anything to break them. */
    private static final int FLOOR = 60;

    /** The classes whose business stdout is: lines go where {@link System#out} does, and a command says what it did. */
    private static final String WRITES_LINES = "dev.crosscut.logging.StandardOutput";

    private static final String OBJECTIVES = "dev.crosscut.metrics.SloCommand";

    private static final String RECORDS = "dev.crosscut.idempotency.IdempotencyCommand";

    private static final Reactor REACTOR = Reactor.read();

    private static final JavaClasses CLASSES = REACTOR.classes(REACTOR.published());

    @Test
    void theRulesSeeEveryModule() {
        assertThat(CLASSES).as("classes seen").hasSizeGreaterThanOrEqualTo(FLOOR);
        assertAll(REACTOR.published().stream()
                .map(module -> () -> assertThat(REACTOR.classes(List.of(module)))
                        .as("classes of %s, all in package %s", module, module.name())
                        .isNotEmpty()
                        .allMatch(type -> moduleOf(type).equals(Optional.of(module)))));
    }

    @Test
    void coreKnowsTheJdkAlone() {
        classes()
                .that()
                .resideInAPackage("dev.crosscut.core..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("java..", "org.jspecify..", "dev.crosscut.core..")
                .check(CLASSES);
    }

    @Test
    void aConcernOrAnAdapterKnowsCoreAndNothingElseOfOurs() {
        classes()
                .should(new ArchCondition<>("know no more of ours than core and what their pom says in house.sees") {
                    @Override
                    public void check(JavaClass type, ConditionEvents events) {
                        Module module = moduleOf(type).orElseThrow();
                        type.getDirectDependenciesFromSelf().stream()
                                .filter(dependency -> moduleOf(dependency.getTargetClass())
                                        .filter(other -> !module.maySee(other))
                                        .isPresent())
                                .forEach(dependency -> events.add(
                                        SimpleConditionEvent.violated(dependency, dependency.getDescription())));
                    }
                })
                .check(CLASSES);
    }

    @Test
    void onlyTheTckKnowsJunit() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.crosscut.tck..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.junit..", "org.opentest4j..")
                .check(CLASSES);
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.assertj..", "org.mockito..", "com.tngtech..")
                .check(CLASSES);
    }

    @Test
    void everyPackageIsNullMarked() {
        classes()
                .should(new ArchCondition<>("be in a package whose package-info says @NullMarked") {
                    @Override
                    public void check(JavaClass type, ConditionEvents events) {
                        if (!type.getPackage().isAnnotatedWith(NullMarked.class)) {
                            events.add(SimpleConditionEvent.violated(
                                    type,
                                    "package " + type.getPackageName() + " is not @NullMarked: " + type.getName()));
                        }
                    }
                })
                .check(CLASSES);
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching("dev.crosscut.(**)").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void nothingIsPrinted() {
        noClasses()
                .that()
                .doNotHaveFullyQualifiedName(WRITES_LINES)
                .and()
                .doNotHaveFullyQualifiedName(OBJECTIVES)
                .and()
                .doNotHaveFullyQualifiedName(RECORDS)
                .should(ACCESS_STANDARD_STREAMS)
                .because("what a library has to say is logged")
                .check(CLASSES);
    }

    @Test
    void nothingUsesJavaUtilLogging() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAPackage("java.util.logging..")
                .because("core speaks through System.Logger, the rest through SLF4J")
                .check(CLASSES);
    }

    @Test
    void noMethodIsSynchronized() {
        methods()
                .should()
                .notHaveModifier(SYNCHRONIZED)
                .because("anyone may lock on the same object, and before JDK 24 a virtual thread keeps its carrier")
                .check(CLASSES);
    }

    @Test
    void noStaticFieldCanBeReassigned() {
        fields().that().areStatic().should().beFinal().check(CLASSES);
    }

    /** The module of ours whose package it is in, the longest name first: idempotency.jdbc is not idempotency. */
    private static Optional<Module> moduleOf(JavaClass type) {
        String name = type.getBaseComponentType().getPackageName() + ".";
        return REACTOR.published().stream()
                .filter(module -> name.startsWith(module.name() + "."))
                .max(Comparator.comparingInt(module -> module.name().length()));
    }
}
