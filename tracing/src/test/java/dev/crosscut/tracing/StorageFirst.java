package dev.crosscut.tracing;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Sees to it that Crosscut comes before the first use of OpenTelemetry's {@code Context}, as it does in a service. */
final class StorageFirst implements BeforeAllCallback {

    @Override
    public void beforeAll(ExtensionContext context) {
        assertThat(TravellingStorage.install() && TravellingStorage.check()).isTrue();
    }
}
