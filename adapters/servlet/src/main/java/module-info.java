/**
 * Jakarta Servlet 6.0 and 6.1: each request that passes the filter is an exchange. The filter registers itself where the
 * container looks for {@code ServletContainerInitializer}s, and by hand elsewhere.
 */
@org.jspecify.annotations.NullMarked
module dev.crosscut.servlet {
    requires static org.jspecify;
    requires transitive dev.crosscut.core;
    requires transitive jakarta.servlet;

    exports dev.crosscut.servlet;

    provides jakarta.servlet.ServletContainerInitializer with
            dev.crosscut.servlet.CrosscutInitializer;
    provides dev.crosscut.core.Plugin with
            dev.crosscut.servlet.ServletPlugin;
}
