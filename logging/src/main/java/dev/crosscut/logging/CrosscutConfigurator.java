package dev.crosscut.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.jul.LevelChangePropagator;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ConfiguratorRank;
import ch.qos.logback.classic.util.DefaultJoranConfigurator;
import ch.qos.logback.core.spi.ContextAwareBase;
import ch.qos.logback.core.status.OnErrorConsoleStatusListener;
import ch.qos.logback.core.status.Status;
import ch.qos.logback.core.status.StatusUtil;
import java.util.stream.Stream;
import org.slf4j.bridge.SLF4JBridgeHandler;

/**
 * The configuration of Logback where the application has none: JSON lines on stdout, from INFO up, with what is logged
 * through {@code java.util.logging}. Logback finds it by {@link java.util.ServiceLoader}, asks it after those of others,
 * and before it looks for files.
 *
 * <p>Where there is a {@code logback.xml}, a {@code logback-test.xml} or a file that {@code logback.configurationFile}
 * names, or another configurator has added an appender, it leaves the configuration to that. In any case events learn of
 * the exchange in which they are logged, and Logback's warnings of itself go to stderr, so that stdout has nothing but
 * what is logged.
 */
@ConfiguratorRank(ConfiguratorRank.FALLBACK)
public final class CrosscutConfigurator extends ContextAwareBase implements Configurator {

    /** Makes the configurator; {@link java.util.ServiceLoader} does. */
    public CrosscutConfigurator() {}

    @Override
    public ExecutionStatus configure(LoggerContext context) {
        ExchangeMdc.of(context);
        if (!StatusUtil.contextHasStatusListener(context)) {
            StandardErrorWarnings warnings = new StandardErrorWarnings();
            warnings.setContext(context);
            warnings.setRetrospective(0);
            warnings.start();
            context.getStatusManager().add(warnings);
        }
        FormatSettings.earlyProblem(EarlySettings.usual())
                .ifPresent(problem -> addWarn(problem + "; lines are those of the default"));
        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        if (root.iteratorForAppenders().hasNext() || new FileSearch().findsOne()) {
            return ExecutionStatus.INVOKE_NEXT_IF_ANY;
        }
        root.setLevel(Level.INFO);
        root.addAppender(standardOutput(context));
        bridgeJavaUtilLogging(context);
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    private static CrosscutAppender standardOutput(LoggerContext context) {
        CrosscutAppender appender = new CrosscutAppender();
        appender.setName("stdout");
        appender.setContext(context);
        appender.start();
        return appender;
    }

    /** Unless someone has said what is to become of it. Levels go with it, so that what is off costs nothing there. */
    private static void bridgeJavaUtilLogging(LoggerContext context) {
        boolean isConfigured = Stream.of(
                        "java.util.logging.config.file", "java.util.logging.config.class", "java.util.logging.manager")
                .anyMatch(property -> System.getProperty(property) != null);
        if (!isConfigured && !SLF4JBridgeHandler.isInstalled()) {
            SLF4JBridgeHandler.removeHandlersForRootLogger();
            SLF4JBridgeHandler.install();
            LevelChangePropagator levels = new LevelChangePropagator();
            levels.setContext(context);
            levels.start();
            context.addListener(levels);
        }
    }

    /** Where Logback itself is about to look. */
    private static final class FileSearch extends DefaultJoranConfigurator {

        boolean findsOne() {
            return performMultiStepConfigurationFileSearch(false) != null;
        }
    }

    private static final class StandardErrorWarnings extends OnErrorConsoleStatusListener {

        @Override
        public void addStatusEvent(Status status) {
            if (status.getEffectiveLevel() >= Status.WARN) {
                super.addStatusEvent(status);
            }
        }
    }
}
