/** Work that is done once for one key. Exports the engine, and what a store implements. */
@org.jspecify.annotations.NullMarked
module dev.crosscut.idempotency {
    requires static org.jspecify;
    requires transitive dev.crosscut.core;
    requires transitive java.sql;
    requires com.github.benmanes.caffeine;
    requires tools.jackson.databind;

    exports dev.crosscut.idempotency;

    provides dev.crosscut.core.Plugin with
            dev.crosscut.idempotency.IdempotencyPlugin;

    uses dev.crosscut.idempotency.StoreProvider;
}
