package dev.crosscut.core;

import org.jspecify.annotations.Nullable;

/**
 * A guard answered work that has no client to send a reply to: a {@linkplain Crosscut#run local unit of work}, a
 * proxied method, an outgoing call. The work did not run, or, where its guard failed to settle, its result is withheld.
 */
public final class RefusedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final int status;
    private final transient @Nullable Reply reply;

    /**
     * Makes one.
     *
     * @param exchange what was refused
     * @param reply what the guard answered
     */
    public RefusedException(Exchange exchange, Reply reply) {
        super(exchange.kind() + " " + exchange.operation() + " was refused with status " + reply.status()
                + by(exchange));
        this.status = reply.status();
        this.reply = reply;
    }

    private static String by(Exchange exchange) {
        Call call = exchange.call();
        return call != null && call.outcome() instanceof Outcome.Answered answered ? " by " + answered.guard() : "";
    }

    /**
     * What the guard answered.
     *
     * @return the reply; once this exception has been serialised, no more than its status
     */
    public Reply reply() {
        return reply == null ? Reply.of(status) : reply;
    }
}
