package dev.crosscut.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What core throws survives the journey to another JVM, as exceptions of remote calls make it. */
@Guarantees
class ExceptionsTest {

    private static <T extends Throwable> T sent(T thrown, Class<T> type) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(thrown);
        }
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            return type.cast(in.readObject());
        }
    }

    @Test
    void a_refusal_keeps_its_status() throws Exception {
        RefusedException refused = new RefusedException(
                new TestExchange(), Reply.problem(403, "denied", "Denied").reply());

        RefusedException arrived = sent(refused, RefusedException.class);

        assertThat(arrived.reply()).isEqualTo(Reply.of(403));
        assertThat(arrived).hasMessage(refused.getMessage());
    }

    @Test
    void the_problems_of_a_configuration_are_kept() throws Exception {
        SettingsException refused = new SettingsException(List.of("one", "two"));

        assertThat(sent(refused, SettingsException.class).problems()).containsExactly("one", "two");
    }
}
