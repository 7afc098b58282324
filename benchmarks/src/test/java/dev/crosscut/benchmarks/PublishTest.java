package dev.crosscut.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class PublishTest {

    @Test
    void only_what_is_between_the_marks_is_replaced() {
        assertThat(Publish.replaced("before\n" + Publish.BEGIN + "old\n" + Publish.END + "after\n", "new\n"))
                .isEqualTo("before\n" + Publish.BEGIN + "new\n" + Publish.END + "after\n");
    }

    @Test
    void a_page_without_the_marks_is_refused() {
        assertThatThrownBy(() -> Publish.replaced(Publish.END + Publish.BEGIN, "new\n"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(Publish.BEGIN.strip());
    }
}
