package dev.crosscut.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * After each test: its thread carries no exchange and no interrupt, and nothing was logged as a warning or worse unless
 * the test takes the {@link Log} as a parameter, and so says that it looks at it.
 */
final class Cleanliness implements BeforeEachCallback, AfterEachCallback, ParameterResolver {

    private static final ExtensionContext.Namespace HERE = ExtensionContext.Namespace.create(Cleanliness.class);

    @Override
    public void beforeEach(ExtensionContext context) {
        log(context);
    }

    @Override
    public void afterEach(ExtensionContext context) {
        Log log = context.getStore(HERE).remove(Log.class, Log.class);
        log.stop();
        boolean interrupted = Thread.interrupted();
        assertThat(Exchange.current()).as("left on the thread of the test").isEmpty();
        assertThat(interrupted).as("the interrupt flag left on the thread").isFalse();
        if (!log.isRead()) {
            assertThat(log.warnings()).as("logged unexpectedly").isEmpty();
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Log.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return log(context).read();
    }

    private static Log log(ExtensionContext context) {
        return context.getStore(HERE).getOrComputeIfAbsent(Log.class, type -> new Log(), Log.class);
    }
}
