package dev.crosscut.servlet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Exchange;
import dev.crosscut.core.SettingsException;
import dev.crosscut.core.Source;
import dev.crosscut.tck.AdapterContract.Running;
import dev.crosscut.tck.RecordingObserver;
import jakarta.servlet.Filter;
import jakarta.servlet.ServletContainerInitializer;
import jakarta.servlet.ServletContext;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.apache.catalina.startup.Tomcat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class RegistrationTest {

    private static final String ID = "X-Correlation-ID";
    private static final String ENABLED = "crosscut.servlet.enabled";
    private static final String ATTRIBUTE = Crosscut.class.getName();

    private final CompletableFuture<ServletContext> application = new CompletableFuture<>();

    private static final class Hello extends HttpServlet {
        private static final long serialVersionUID = 1L;

        @Override
        protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
            response.getWriter().print("hello");
        }
    }

    /** Registers a servlet, and something else. */
    private ServletContainerInitializer application(ServletContainerInitializer more) {
        return (classes, context) -> {
            application.complete(context);
            context.addServlet("hello", new Hello()).addMapping("/*");
            more.onStartup(classes, context);
        };
    }

    private Running start(Servers container, ServletContainerInitializer more) throws Exception {
        return container.start(Map.of(), List.of(application(more), new CrosscutInitializer()));
    }

    private static Wire.Response get(Running running) throws IOException {
        return Wire.exchange(running.port(), Wire.request("", "GET /", ID + ": sent"));
    }

    @AfterEach
    void clearProperties() {
        System.clearProperty(ENABLED);
    }

    @ParameterizedTest
    @MethodSource("dev.crosscut.servlet.Servers#all")
    void the_filter_is_registered_with_the_crosscut_in_the_servlet_context(Servers container) throws Exception {
        RecordingObserver recorder = new RecordingObserver();
        try (Crosscut crosscut =
                Crosscut.builder().discoverPlugins(false).observer(recorder).build()) {
            try (Running running = start(container, (classes, context) -> context.setAttribute(ATTRIBUTE, crosscut))) {
                assertThat(get(running).header(ID)).containsExactly("sent");
            }
            assertThat(recorder.exchanges()).hasSize(1);
            assertThat(application.get().getAttribute(ATTRIBUTE)).isIn(crosscut, null); // as the container clears it
        }
    }

    @ParameterizedTest
    @MethodSource("dev.crosscut.servlet.Servers#all")
    void the_filter_comes_before_those_of_the_application(Servers container) throws Exception {
        CompletableFuture<Boolean> inside = new CompletableFuture<>();
        Filter own = (request, response, chain) -> {
            inside.complete(Exchange.current().isPresent());
            chain.doFilter(request, response);
        };

        try (Running running = start(container, (classes, context) -> Service.register(context, own, "/*"))) {
            assertThat(get(running).text()).isEqualTo("hello");
        }

        assertThat(inside.get()).isTrue();
    }

    @ParameterizedTest
    @MethodSource("dev.crosscut.servlet.Servers#all")
    void a_crosscut_of_its_own_is_there_for_the_application_and_closed_with_it(Servers container) throws Exception {
        Warnings warnings = new Warnings();
        try (Running running = start(container, (classes, context) -> {})) {
            assertThat(get(running).header(ID)).containsExactly("sent");
            Crosscut own = (Crosscut) application.get().getAttribute(ATTRIBUTE);
            own.begin(
                    new Exchange(Exchange.Kind.LOCAL) { // left open, so that closing has something to say
                        @Override
                        public String protocol() {
                            return "local";
                        }

                        @Override
                        public String operation() {
                            return "left-open";
                        }
                    });
            assertThat(warnings.all).isEmpty();
        }

        assertThat(warnings.all).singleElement().asString().startsWith("1 exchange(s) had not ended");
        warnings.close();
    }

    private static final class Warnings extends Handler {
        private final List<String> all = new java.util.concurrent.CopyOnWriteArrayList<>();
        private final Logger logger = Logger.getLogger("dev.crosscut");

        Warnings() {
            logger.setLevel(Level.WARNING);
            logger.setUseParentHandlers(false);
            logger.addHandler(this);
        }

        @Override
        public void publish(LogRecord record) {
            all.add(record.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {
            logger.removeHandler(this);
            logger.setUseParentHandlers(true);
            logger.setLevel(null);
        }
    }

    @ParameterizedTest
    @MethodSource("dev.crosscut.servlet.Servers#all")
    void a_setting_switches_it_off(Servers container) throws Exception {
        System.setProperty(ENABLED, "false");

        try (Running running = start(container, (classes, context) -> {})) {
            assertThat(get(running).text()).isEqualTo("hello");
            assertThat(get(running).header(ID)).isEmpty();
            assertThat(application.get().getAttribute(ATTRIBUTE)).isNull();
            assertThat(application.get().getFilterRegistration("crosscut")).isNull();
        }
    }

    @ParameterizedTest
    @MethodSource("dev.crosscut.servlet.Servers#all")
    void the_settings_of_a_crosscut_in_the_servlet_context_are_its_own(Servers container) throws Exception {
        try (Crosscut crosscut = Crosscut.builder()
                        .discoverPlugins(false)
                        .plugin(new ServletPlugin())
                        .source(Source.of("test", Map.of(ENABLED, "false")))
                        .build();
                Running running = start(container, (classes, context) -> context.setAttribute(ATTRIBUTE, crosscut))) {
            assertThat(get(running).header(ID)).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("dev.crosscut.servlet.Servers#all")
    void a_filter_that_the_application_registered_is_enough(Servers container) throws Exception {
        RecordingObserver recorder = new RecordingObserver();
        try (Crosscut crosscut = Crosscut.builder()
                        .discoverPlugins(false)
                        .observer(recorder)
                        .build();
                Running running = start(
                        container,
                        (classes, context) -> Service.register(context, new CrosscutFilter(crosscut), "/only/*"))) {
            assertThat(get(running).header(ID)).isEmpty();
            assertThat(application.get().getFilterRegistrations()).hasSizeLessThanOrEqualTo(2);
            assertThat(application.get().getFilterRegistration("crosscut")).isNull();
            assertThat(application.get().getAttribute(ATTRIBUTE)).isNull();
        }
    }

    @ParameterizedTest
    @MethodSource("dev.crosscut.servlet.Servers#all")
    void a_filter_of_the_name_is_taken_for_one_that_the_application_registered(Servers container) throws Exception {
        Filter other = (request, response, chain) -> chain.doFilter(request, response);
        try (Running running = start(
                container,
                (classes, context) ->
                        context.addFilter("crosscut", other).addMappingForUrlPatterns(null, true, "/*"))) {
            assertThat(get(running).text()).isEqualTo("hello");
            assertThat(get(running).header(ID)).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("dev.crosscut.servlet.Servers#all")
    void settings_that_are_wrong_fail_the_deployment_with_all_that_is_wrong(Servers container) {
        System.setProperty(ENABLED, "maybe");

        assertThatThrownBy(() -> start(container, (classes, context) -> {}).close())
                .satisfies(thrown -> {
                    Throwable cause = thrown;
                    while (!(cause instanceof SettingsException) && cause.getCause() != null) {
                        cause = cause.getCause();
                    }
                    assertThat(cause)
                            .isInstanceOf(SettingsException.class)
                            .hasMessageContaining(ENABLED)
                            .hasMessageContaining("maybe")
                            .hasMessageContaining("system propert");
                });
    }

    @Test
    void tomcat_finds_the_initialiser_of_a_web_application(@TempDir Path base) throws Exception {
        Path webapp = Files.createDirectories(base.resolve("application"));
        Files.writeString(webapp.resolve("index.txt"), "static");
        Files.createDirectories(webapp.resolve("WEB-INF/classes"));
        Files.writeString(
                webapp.resolve("WEB-INF/classes/crosscut.properties"), "crosscut.correlation.headers = X-Own-ID\n");
        Tomcat tomcat = new Tomcat();
        tomcat.setBaseDir(base.toString());
        tomcat.setPort(0);
        tomcat.getConnector().setProperty("address", "127.0.0.1");
        tomcat.addWebapp("", webapp.toString()).setParentClassLoader(getClass().getClassLoader());
        try {
            tomcat.start();
            Wire.Response response = Wire.exchange(
                    tomcat.getConnector().getLocalPort(),
                    Wire.request("", "GET /index.txt", "X-Own-ID: sent", "Connection: close"));
            assertThat(response.text()).isEqualTo("static");
            assertThat(response.header("X-Own-ID")).containsExactly("sent");
        } finally {
            tomcat.stop();
            tomcat.destroy();
        }
    }
}
