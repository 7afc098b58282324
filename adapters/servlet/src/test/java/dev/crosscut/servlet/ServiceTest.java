package dev.crosscut.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs the tests of a class against a service on each container, and checks after each that nothing was left behind. */
@ParameterizedClass
@MethodSource("dev.crosscut.servlet.Servers#all")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
@Timeout(value = 60, unit = TimeUnit.SECONDS)
abstract class ServiceTest {

    @Parameter
    Servers container;

    Service service;

    Service start() throws Exception {
        return Service.start(container);
    }

    @BeforeParameterizedClassInvocation
    void startService() throws Exception {
        service = start();
    }

    @AfterParameterizedClassInvocation
    void stopService() throws Exception {
        service.close();
    }

    @AfterEach
    void nothingWasLeftBehind() {
        service.recorder.verify();
        assertThat(service.crosscut.faults()).isEmpty();
    }
}
