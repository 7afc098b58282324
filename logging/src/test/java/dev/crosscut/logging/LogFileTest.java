package dev.crosscut.logging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file that others do things to. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class LogFileTest {

    private static final int A_LOOK = 1_050;

    @TempDir
    Path folder;

    private Path path;
    private LogFile file;

    @BeforeEach
    void name() {
        path = folder.resolve("logs/app.log");
        file = new LogFile(path);
    }

    @AfterEach
    void close() throws IOException {
        file.close();
    }

    private void write(String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        file.write(bytes, bytes.length);
    }

    @Test
    void it_is_created_with_its_folders_and_appended_to() throws Exception {
        write("one\n");
        file.close();
        write("two\n");
        assertThat(path).hasContent("one\ntwo");
    }

    @Test
    void when_it_is_moved_lines_go_to_a_new_one_within_a_second() throws Exception {
        write("one\n");
        Path moved = Files.move(path, folder.resolve("app.log.1"));
        write("soon\n");
        Thread.sleep(A_LOOK);
        write("two\n");
        assertThat(Files.readString(moved) + Files.readString(path)).isEqualTo("one\nsoon\ntwo\n");
        assertThat(moved).content().startsWith("one\n").doesNotContain("two");
    }

    @Test
    void when_it_is_replaced_lines_go_to_what_its_name_leads_to() throws Exception {
        write("one\n");
        Path moved = Files.move(path, folder.resolve("app.log.1"));
        Files.writeString(path, "of another\n");
        Thread.sleep(A_LOOK);
        write("two\n");
        assertThat(moved).hasContent("one");
        assertThat(path).hasContent("of another\ntwo");
    }

    @Test
    void when_it_is_deleted_with_its_folder_both_are_made_anew() throws Exception {
        write("one\n");
        Files.delete(path);
        Files.delete(path.getParent());
        Thread.sleep(A_LOOK);
        write("two\n");
        assertThat(path).hasContent("two");
    }

    @Test
    void when_it_is_cut_to_nothing_lines_begin_at_its_beginning() throws Exception {
        write("one\n");
        try (RandomAccessFile other = new RandomAccessFile(path.toFile(), "rw")) {
            other.setLength(0);
        }
        write("two\n");
        assertThat(path).hasContent("two");
    }

    @Test
    void half_a_line_that_was_left_in_it_is_ended_before_the_next_begins() throws Exception {
        Files.createDirectories(path.getParent());
        Files.writeString(path, "{\"half\":");
        write("{}\n");
        assertThat(path).hasContent("{\"half\":\n{}");
    }

    @Test
    void a_folder_in_its_place_is_an_error_that_names_it_and_is_gone_when_the_folder_is() throws Exception {
        Files.createDirectories(path);
        assertThatThrownBy(() -> file.open()).isInstanceOf(IOException.class).hasMessageContaining(path.toString());
        Files.delete(path);
        write("one\n");
        assertThat(path).hasContent("one");
    }

    @Test
    void a_full_disk_is_an_error_each_time_and_nothing_that_sticks() throws Exception {
        Path full = Path.of("/dev/full");
        assumeTrue(Files.exists(full), "the system has /dev/full");
        Path link = Files.createSymbolicLink(folder.resolve("link"), full);
        LogFile linked = new LogFile(link);
        byte[] line = "one\n".getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> linked.write(line, line.length))
                    .isInstanceOf(IOException.class)
                    .isNotInstanceOf(Target.ShortWriteException.class)
                    .hasMessageContaining("space");
        }
        Files.delete(link);
        linked.write(line, line.length);
        assertThat(link).hasContent("one");
        linked.close();
    }
}
