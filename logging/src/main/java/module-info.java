/**
 * JSON lines and the access line, on SLF4J, Logback and logstash-logback-encoder. A jar on the class path is enough: where
 * the application has no configuration of Logback, this is it.
 */
@org.jspecify.annotations.NullMarked
module dev.crosscut.logging {
    requires static org.jspecify;
    requires transitive ch.qos.logback.classic;
    requires transitive ch.qos.logback.core;
    requires transitive dev.crosscut.core;
    requires jul.to.slf4j;
    requires org.slf4j;

    // The encoder is an automatic module under a name that its manifest states. An automatic module cannot say what it
    // needs, so its Jackson is required here, or an application on the module path would start without it.
    requires logstash.logback.encoder;
    requires tools.jackson.core;
    requires tools.jackson.databind;

    exports dev.crosscut.logging;

    provides ch.qos.logback.classic.spi.Configurator with
            dev.crosscut.logging.CrosscutConfigurator;
    provides dev.crosscut.core.Plugin with
            dev.crosscut.logging.LoggingPlugin;
}
