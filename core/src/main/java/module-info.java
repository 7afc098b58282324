/**
 * The ground floor of Crosscut: exchanges, the pipeline of observers and guards, correlation, context propagation,
 * settings and problem replies. It exports one package and needs nothing but the JDK.
 */
@org.jspecify.annotations.NullMarked
module dev.crosscut.core {
    requires static org.jspecify;

    exports dev.crosscut.core;

    uses dev.crosscut.core.Plugin;
}
