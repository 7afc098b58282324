package dev.crosscut.samples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class TourTest {

    @Test
    void everyPromiseOfTheTourIsKept() throws Exception {
        ByteArrayOutputStream shown = new ByteArrayOutputStream();

        boolean kept = Tour.run(new Report(new PrintStream(shown, true, StandardCharsets.UTF_8), false));

        assertThat(kept)
                .as("the tour:%n%s", shown.toString(StandardCharsets.UTF_8))
                .isTrue();
    }
}
