package dev.crosscut.idempotency;

import dev.crosscut.core.Decision;
import dev.crosscut.core.Exchange;
import dev.crosscut.core.Outcome;
import dev.crosscut.idempotency.OutcomeFormat.Content;
import dev.crosscut.idempotency.OutcomeFormat.Kind;
import java.util.List;
import java.util.Optional;

/** How one kind of exchange has keys, and what is kept and replayed of it. Immutable. */
interface Protocol {

    /** What is kept of an outcome. */
    final class Kept {
        final Kind kind;
        final byte[] content;

        Kept(Kind kind, byte[] content) {
            this.kind = kind;
            this.content = content;
        }
    }

    /** Which requests are meant, and how; empty for those that have no keys. */
    Optional<Rule> rule(Exchange exchange);

    /**
     * The key of an exchange; empty where it has none.
     *
     * @throws IllegalArgumentException if it has one that is none; the message says what there is instead, and nothing of it
     */
    Optional<String> key(Exchange exchange, Rule rule);

    /** What a key is expected to be, and where. */
    String expected(Rule rule);

    /** What the exchange is called in messages and, where that is its scope, in the record's key. */
    String label(Exchange exchange, Rule rule);

    /** Whose key it is. */
    List<String> scope(Exchange exchange, Rule rule);

    /** What must be the same. */
    Fingerprint fingerprint(Exchange exchange);

    /** Whether the body of the request is part of the fingerprint, and that of the response kept. */
    default boolean hasBodies() {
        return false;
    }

    /** What becomes of the record. */
    Statuses.Fate fate(Outcome outcome, Rule rule);

    /** What is kept where the outcome is stored. */
    Kept kept(Exchange exchange, Outcome outcome, Rule rule);

    /**
     * Gives what was kept.
     *
     * @throws RuntimeException if it cannot be given
     */
    Decision replay(Exchange exchange, Content content);
}
