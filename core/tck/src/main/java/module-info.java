/**
 * The contract suites: abstract JUnit 5 classes that an adapter or a store passes by extending one of them, and the recorder that
 * they and a service's own tests check exchanges with.
 */
@org.jspecify.annotations.NullMarked
module dev.crosscut.tck {
    // For who tests a store of idempotency keys, and reads it anyway.
    requires static dev.crosscut.idempotency;
    requires static org.jspecify;
    requires transitive dev.crosscut.core;
    requires transitive org.junit.jupiter.api;

    exports dev.crosscut.tck;
    // JUnit calls the tests that the contracts inherit from classes that are not public.
    opens dev.crosscut.tck to
            org.junit.platform.commons;
}
