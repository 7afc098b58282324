package dev.crosscut.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A secret in a file takes effect when it rotates, and outlasts whatever happens to the file in between. */
@Guarantees
class SecretTest {

    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    @TempDir
    private Path folder;

    private final AtomicLong clock = new AtomicLong(Long.MAX_VALUE - SECOND / 2);

    private Path write(Path file, String text) throws IOException {
        Files.writeString(file, text);
        // so that no two versions of equal length look alike, however coarse the clock of the file system is
        Files.setLastModifiedTime(file, FileTime.fromMillis(1_700_000_000_000L + 1_000L * written.incrementAndGet()));
        return file;
    }

    private final AtomicInteger written = new AtomicInteger();

    private Secret secret(Path file) throws IOException {
        return Secret.file(file, clock::get);
    }

    private void aSecondLater() {
        clock.addAndGet(SECOND);
    }

    @ParameterizedTest
    @CsvSource({
        "abc,abc",
        "abc\\n,abc",
        "abc\\r\\n,abc",
        "abc\\n\\n,abc\\n",
        "abc ,abc ",
        "\\nabc,\\nabc",
        "a\\nb\\n,a\\nb"
    })
    void the_line_break_at_the_end_and_nothing_else_is_left_out(String text, String expected) throws IOException {
        Path file = write(folder.resolve("token"), unescape(text));

        assertThat(secret(file).reveal()).isEqualTo(unescape(expected));
    }

    private static String unescape(String text) {
        return text.replace("\\n", "\n").replace("\\r", "\r");
    }

    @Test
    void a_file_that_changes_is_read_again_within_a_second_and_not_more_often() throws IOException {
        Path file = write(folder.resolve("token"), "old\n");
        Secret secret = secret(file);
        assertThat(secret.reveal()).isEqualTo("old");

        write(file, "new\n");
        clock.addAndGet(SECOND - 1);
        assertThat(secret.reveal()).isEqualTo("old");
        clock.addAndGet(1);
        assertThat(secret.reveal()).isEqualTo("new");
        write(file, "newer\n");
        assertThat(secret.reveal()).isEqualTo("new");
        aSecondLater();
        assertThat(secret.reveal()).isEqualTo("newer");
    }

    @Test
    void a_file_that_is_replaced_by_a_rename_is_read_again() throws IOException {
        Path file = write(folder.resolve("token"), "old");
        Secret secret = secret(file);
        Path next = write(folder.resolve("token.next"), "new");
        Files.setLastModifiedTime(next, Files.getLastModifiedTime(file));

        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        aSecondLater();

        assertThat(secret.reveal()).as("same size, same time, another file").isEqualTo("new");
    }

    /** As the kubelet does it: token -> ..data/token, ..data -> ..v1, and then ..data is renamed over. */
    @Test
    void a_mounted_secret_whose_folder_is_swapped_is_read_again() throws IOException {
        for (String version : new String[] {"..v1", "..v2"}) {
            Files.createDirectory(folder.resolve(version));
            write(folder.resolve(version).resolve("token"), "of " + version);
        }
        Path data = folder.resolve("..data");
        Files.createSymbolicLink(data, Path.of("..v1"));
        Path token = Files.createSymbolicLink(folder.resolve("token"), Path.of("..data", "token"));
        Secret secret = secret(token);
        assertThat(secret.reveal()).isEqualTo("of ..v1");

        Path next = Files.createSymbolicLink(folder.resolve("..data_tmp"), Path.of("..v2"));
        Files.move(next, data, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        Files.delete(folder.resolve("..v1").resolve("token"));
        aSecondLater();

        assertThat(secret.reveal()).isEqualTo("of ..v2");
    }

    @Test
    void while_the_file_cannot_be_read_the_last_value_stays_with_one_warning(Log log) throws IOException {
        Path file = write(folder.resolve("token"), "old");
        Secret secret = secret(file);

        Files.delete(file);
        for (int i = 0; i < 3; i++) {
            aSecondLater();
            assertThat(secret.reveal()).isEqualTo("old");
        }
        assertThat(log.warnings())
                .singleElement()
                .asString()
                .contains(file.toString(), "the last value stays in use", "NoSuchFileException")
                .doesNotContain("old;");
        write(file, "new");
        aSecondLater();
        assertThat(secret.reveal()).isEqualTo("new");
        Files.delete(file);
        aSecondLater();
        assertThat(secret.reveal()).isEqualTo("new");
        assertThat(log.warnings()).as("a second outage").hasSize(2);
    }

    @Test
    void a_file_that_is_empty_for_a_moment_while_it_is_written_changes_nothing(Log log) throws IOException {
        Path file = write(folder.resolve("token"), "old");
        Secret secret = secret(file);

        for (String empty : new String[] {"", "\n", "\r\n"}) {
            write(file, empty);
            aSecondLater();
            assertThat(secret.reveal()).isEqualTo("old");
        }
        write(file, "new");
        aSecondLater();

        assertThat(secret.reveal()).isEqualTo("new");
        assertThat(log.warnings()).singleElement().asString().contains("empty");
    }

    @Test
    void a_file_that_is_no_text_any_more_changes_nothing(Log log) throws IOException {
        Path file = write(folder.resolve("token"), "old");
        Secret secret = secret(file);

        Files.write(file, new byte[] {(byte) 0xff, (byte) 0xfe, 0});
        aSecondLater();

        assertThat(secret.reveal()).isEqualTo("old");
        assertThat(log.warnings()).hasSize(1);
    }

    @Test
    void a_file_that_cannot_be_read_at_first_is_no_secret() throws IOException {
        assertThatThrownBy(() -> Secret.file(folder.resolve("nowhere"))).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> Secret.file(folder)).isInstanceOf(IOException.class);
        Path binary = Files.write(folder.resolve("binary"), new byte[] {(byte) 0xff});
        assertThatThrownBy(() -> Secret.file(binary)).isInstanceOf(IOException.class);
    }

    @Test
    void it_is_never_shown() throws IOException {
        assertThat(Secret.of("s3cr3t")).hasToString("***");
        assertThat(secret(write(folder.resolve("token"), "s3cr3t"))).hasToString("***");
        assertThat(Secret.of("s3cr3t").reveal()).isEqualTo("s3cr3t");
    }

    @Test
    void many_threads_see_the_old_or_the_new_value_and_in_the_end_the_new() throws IOException {
        Path file = write(folder.resolve("token"), "old");
        Secret secret = secret(file);
        AtomicInteger wrong = new AtomicInteger();

        Races.together(4, thread -> {
            for (int i = 0; i < 2_000; i++) {
                if (thread == 0 && i == 1_000) {
                    Path next = write(folder.resolve("next"), "new");
                    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
                }
                clock.addAndGet(SECOND / 10);
                String value = secret.reveal();
                if (!value.equals("old") && !value.equals("new")) {
                    wrong.incrementAndGet();
                }
            }
        });
        aSecondLater();
        aSecondLater();

        assertThat(secret.reveal()).isEqualTo("new");
        assertThat(wrong).hasValue(0);
    }
}
