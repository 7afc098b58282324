package dev.crosscut.samples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuickstartTest {

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"", " ", "\t"})
    void withoutAPortItListensOn8080(String text) {
        assertThat(Quickstart.port(text)).isEqualTo(8080);
    }

    @ParameterizedTest
    @CsvSource({"0,0", "1,1", "9000,9000", "' 9000 ',9000", "00080,80", "65535,65535"})
    void aPortIsANumber(String text, int expected) {
        assertThat(Quickstart.port(text)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"65536", "99999", "999999", "-1", "+1", "80a", "8 0", "http", "0x50", "\u0661"})
    void aPortIsNothingElse(String text) {
        assertThatThrownBy(() -> Quickstart.port(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("PORT (environment) is '" + text + "'; expected a number from 0 (any free port) to 65535");
    }

    @Test
    void aPortThatIsNoneIsSaidAndNothingStarts() throws Exception {
        Program quickstart = Program.java(Map.of("PORT", "70000"), Quickstart.class);

        assertThat(quickstart.exit()).isEqualTo(1);
        assertThat(quickstart.stderr())
                .contains("The quickstart cannot start: PORT (environment) is '70000'; expected a number")
                .doesNotContain("\tat ");
        assertThat(quickstart.stdout()).isEmpty();
    }

    @Test
    void aPortThatIsTakenIsSaidAndNothingIsLeftRunning() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}))) {
            String port = Integer.toString(taken.getLocalPort());

            Program quickstart = Program.java(Map.of("PORT", port), Quickstart.class);

            assertThat(quickstart.exit()).isEqualTo(1);
            assertThat(quickstart.stderr())
                    .contains("The quickstart cannot start: port " + port + " of 127.0.0.1 cannot be used")
                    .contains("set PORT to another one");
        }
    }

    @Test
    void aSettingThatIsWrongIsSaidAndNothingStarts() throws Exception {
        Program quickstart =
                Program.java(Map.of("PORT", "0", "CROSSCUT_CORRELATION_TRUST", "blindly"), Quickstart.class);

        assertThat(quickstart.exit()).isEqualTo(1);
        assertThat(quickstart.stderr()).contains("The quickstart cannot start: 1 problem", "'blindly'");
    }

    @Test
    void itsCommandSaysHowToUseItAndTakesNothingElse() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/env")), "the commands are for a Unix");

        Program help = Program.run(Map.of(), List.of("./run", "--help"));
        Program wrong = Program.run(Map.of(), List.of("./run", "--port=80"));

        assertThat(help.exit()).isZero();
        assertThat(help.stdout())
                .startsWith("Usage: samples/quickstart/run [--help]")
                .contains("PORT=8080");
        assertThat(wrong.exit()).isEqualTo(2);
        assertThat(wrong.stderr()).isEqualTo("run: unknown argument '--port=80'; see run --help\n");
        assertThat(wrong.stdout()).isEmpty();
    }
}
