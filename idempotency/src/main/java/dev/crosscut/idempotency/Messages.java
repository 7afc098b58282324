package dev.crosscut.idempotency;

import dev.crosscut.core.Decision;
import dev.crosscut.core.Exchange;
import dev.crosscut.core.Key;
import dev.crosscut.core.Outcome;
import dev.crosscut.core.Reply;
import dev.crosscut.idempotency.OutcomeFormat.Content;
import dev.crosscut.idempotency.OutcomeFormat.Kind;
import java.util.List;
import java.util.Optional;

/**
 * Messages that this service consumes, by their id: each is handled once. There is no one to replay an outcome to; a message
 * that was handled is answered with 200 in place of its handler, so that the adapter acknowledges it.
 */
final class Messages implements Protocol {

    private static final String MESSAGE_ID = "messaging.message.id";
    private static final String GROUP = "messaging.consumer.group.name";
    private static final String SUBSCRIPTION = "messaging.destination.subscription.name";

    private final List<Rule> rules;

    Messages(List<Rule> rules) {
        this.rules = rules;
    }

    @Override
    public Optional<Rule> rule(Exchange exchange) {
        if (exchange.kind() != Exchange.Kind.CONSUMER || !exchange.messages().isEmpty()) {
            return Optional.empty();
        }
        return rules.stream()
                .filter(rule -> rule.pattern()
                        .filter(pattern -> pattern.mayMatch(exchange))
                        .isPresent())
                .findFirst();
    }

    @Override
    public Optional<String> key(Exchange exchange, Rule rule) {
        List<String> values = rule.header()
                .map(exchange::requestHeaders)
                .orElseGet(() -> exchange.attribute(MESSAGE_ID).map(Object::toString).stream()
                        .toList());
        if (values.size() > 1) {
            throw new IllegalArgumentException("a header of " + values.size() + " values");
        }
        return values.stream().findFirst().filter(id -> !id.isEmpty());
    }

    @Override
    public String expected(Rule rule) {
        return rule.header().map(name -> "one header " + name).orElse("a message id (" + MESSAGE_ID + ")")
                + " that is not empty";
    }

    @Override
    public String label(Exchange exchange, Rule rule) {
        return exchange.operation();
    }

    /** Each group of consumers handles each message. */
    @Override
    public List<String> scope(Exchange exchange, Rule rule) {
        return List.of(
                exchange.getOrDefault(Key.TENANT, ""),
                exchange.operation(),
                text(exchange, GROUP),
                text(exchange, SUBSCRIPTION));
    }

    private static String text(Exchange exchange, String attribute) {
        return exchange.attribute(attribute).map(Object::toString).orElse("");
    }

    /** An id is of one message; brokers change headers when they send it again. */
    @Override
    public Fingerprint fingerprint(Exchange exchange) {
        return Fingerprint.NONE;
    }

    @Override
    public Statuses.Fate fate(Outcome outcome, Rule rule) {
        return outcome instanceof Outcome.Failed ? Statuses.Fate.GIVE_UP : Statuses.Fate.STORE;
    }

    @Override
    public Kept kept(Exchange exchange, Outcome outcome, Rule rule) {
        return new Kept(Kind.VALUE, new byte[0]);
    }

    @Override
    public Decision replay(Exchange exchange, Content content) {
        return Decision.answer(Reply.of(200));
    }
}
