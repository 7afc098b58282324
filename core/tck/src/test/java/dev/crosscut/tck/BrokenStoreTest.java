package dev.crosscut.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import dev.crosscut.idempotency.IdempotencyStore;
import dev.crosscut.tck.MapStore.Fault;
import java.sql.Connection;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

/** The contract fails a store that does one thing wrong, in the test that is named after it, and says what it wants. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class BrokenStoreTest {

    private static final AtomicReference<Fault> FAULT = new AtomicReference<>(Fault.NONE);

    /** A store with the fault that is set. */
    static class Stores extends IdempotencyStoreContract {

        private final MapStore store = new MapStore(FAULT.get());

        @Override
        protected IdempotencyStore open() {
            return store;
        }

        @Override
        protected Connection connect() {
            return store.connect();
        }
    }

    private static String complaint(Class<?> contract, String test) {
        LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                .selectors(selectMethod(contract, test))
                .build();
        SummaryGeneratingListener listener = new SummaryGeneratingListener();
        LauncherFactory.create().execute(request, listener);
        assertThat(listener.getSummary().getTestsStartedCount()).isEqualTo(1);
        assertThat(listener.getSummary().getTestsSkippedCount()
                        + listener.getSummary().getTestsAbortedCount())
                .isZero();
        return listener.getSummary().getFailures().stream()
                .map(failure -> failure.getException().toString())
                .findFirst()
                .orElse("");
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void a_store_with_a_fault_fails_the_test_that_is_named_after_it(Fault fault) {
        FAULT.set(fault);
        try {
            assertThat(complaint(Stores.class, fault.test)).contains(fault.complaint);
        } finally {
            FAULT.set(Fault.NONE);
        }
    }

    @Test
    void what_a_store_says_it_is_and_cannot_be_tested_as_fails() {
        assertThat(complaint(Unconnected.class, "a_connection_that_commits_by_itself_is_refused"))
                .contains("the store is Transactional; override connect()");
    }

    static final class Unconnected extends IdempotencyStoreContract {
        @Override
        protected IdempotencyStore open() {
            return new MapStore(Fault.NONE);
        }
    }
}
