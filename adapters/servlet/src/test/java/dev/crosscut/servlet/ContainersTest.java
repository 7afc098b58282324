package dev.crosscut.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.crosscut.tck.AdapterContract.Running;
import jakarta.servlet.http.HttpServletResponse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the tests run on is what the build says that they run on. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class ContainersTest {

    @ParameterizedTest
    @MethodSource("dev.crosscut.servlet.Servers#all")
    void a_container_is_of_the_version_that_this_run_is_to_have(Servers container) throws Exception {
        List<String> versions = new ArrayList<>();
        List<String> servers = new ArrayList<>();
        try (Running running = container.start(Map.of(), List.of((classes, context) -> {
            versions.add(context.getMajorVersion() + "." + context.getMinorVersion());
            servers.add(context.getServerInfo());
        }))) {
            assertThat(running.port()).isPositive();
        }

        assertThat(versions).containsExactly(Servers.API);
        if (container == Servers.TOMCAT) {
            assertThat(servers).containsExactly("Apache Tomcat/" + System.getProperty("tomcat.version"));
        }
    }

    @Test
    void the_api_has_what_came_with_servlet_6_1_only_where_this_run_is_to_have_that() {
        assertThat(Arrays.stream(HttpServletResponse.class.getMethods())
                        .filter(method -> method.getName().equals("sendRedirect")))
                .hasSize(Servers.SERVLET_6_1 ? 4 : 1);
    }
}
