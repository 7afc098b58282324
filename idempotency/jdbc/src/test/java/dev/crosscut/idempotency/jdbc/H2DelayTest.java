package dev.crosscut.idempotency.jdbc;

import static dev.crosscut.idempotency.jdbc.Given.PRINT;
import static dev.crosscut.idempotency.jdbc.Given.assertDone;
import static dev.crosscut.idempotency.jdbc.Given.done;
import static dev.crosscut.idempotency.jdbc.Given.key;
import static dev.crosscut.idempotency.jdbc.Given.terms;
import static org.assertj.core.api.Assertions.assertThat;

import dev.crosscut.idempotency.IdempotencyStore;
import dev.crosscut.idempotency.processes.ChildJvm;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** H2 says by default that something is committed half a second before it is in the file. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class H2DelayTest {

    private static final Logger LOGGER = Logger.getLogger("dev.crosscut.idempotency");

    private final List<String> warnings = new CopyOnWriteArrayList<>();
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord message) {
            warnings.add(message.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @TempDir
    private Path folder;

    @BeforeEach
    void listen() {
        LOGGER.setLevel(Level.WARNING);
        LOGGER.addHandler(handler);
        LOGGER.setUseParentHandlers(false);
    }

    @AfterEach
    void listenNoMore() {
        LOGGER.setUseParentHandlers(true);
        LOGGER.removeHandler(handler);
        LOGGER.setLevel(null);
    }

    private String url() {
        return "jdbc:h2:" + folder.resolve("keys");
    }

    /** Opens the database whose URL it is given, completes a call, says so, and waits for its end. */
    static final class Program {
        public static void main(String[] args) throws Exception {
            IdempotencyStore store = JdbcStoreProviderTest.open(Map.of("url", args[0], "schema", "create"));
            Thread.sleep(1_000); // so that nothing is on its way to the file
            done(store, key("killed"), "x");
            Files.writeString(Path.of(args[1]), "");
            Thread.sleep(60_000);
            store.close();
        }
    }

    @Test
    void what_was_completed_is_there_after_the_process_was_killed() throws Exception {
        Path completed = folder.resolve("completed");
        Path errors = folder.resolve("errors");
        Process process = ChildJvm.start(Program.class, errors, List.of(url(), completed.toString()));
        try {
            while (!Files.exists(completed)) {
                assertThat(process.isAlive()).as(said(process, errors)).isTrue();
                Thread.sleep(5);
            }
        } finally {
            process.destroyForcibly().waitFor();
        }
        try (IdempotencyStore store = JdbcStoreProviderTest.open(Map.of("url", url()))) {
            assertDone(store.claim(key("killed"), PRINT, terms()), "x");
        }
        assertThat(warnings).isEmpty();
    }

    private static String said(Process process, Path errors) throws IOException {
        if (process.isAlive()) {
            return "";
        }
        try (BufferedReader out = process.inputReader()) {
            return Files.readString(errors) + out.lines().toList();
        }
    }

    private JdbcStore own(String url) {
        JdbcDataSource source = new JdbcDataSource();
        source.setURL(url);
        return JdbcStore.builder(source).schema(JdbcStore.Schema.CREATE).build();
    }

    @Test
    void a_database_of_the_applications_that_writes_later_is_warned_of_once() {
        own(url()).close();
        assertThat(warnings)
                .singleElement()
                .asString()
                .startsWith("H2 writes to its file up to 500 ms after a commit (WRITE_DELAY)")
                .contains(";WRITE_DELAY=0");
    }

    @Test
    void a_delay_that_was_set_once_and_forgotten_by_h2_is_warned_of_too() throws Exception {
        own(url() + ";WRITE_DELAY=0").close();
        assertThat(warnings).isEmpty();
        own(url()).close();
        assertThat(warnings).hasSize(1);
    }

    @Test
    void a_database_in_memory_is_not_warned_of() {
        own("jdbc:h2:mem:delay;DB_CLOSE_DELAY=-1").close();
        assertThat(warnings).isEmpty();
    }

    @Test
    void a_user_who_may_not_set_it_gets_the_store_and_the_warning() throws Exception {
        try (Connection admin = DriverManager.getConnection(url());
                Statement statement = admin.createStatement()) {
            own(url()).close();
            warnings.clear();
            statement.execute("CREATE USER app PASSWORD ''");
            statement.execute("GRANT ALL ON SCHEMA PUBLIC TO app");
            JdbcStoreProviderTest.open(Map.of("url", url(), "user", "app")).close();
        }
        assertThat(warnings).hasSize(1);
    }
}
