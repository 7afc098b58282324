package dev.crosscut.core;

/**
 * A guard answered work that has no client to send a reply to: a {@linkplain Crosscut#run local unit of work}, a
 * proxied method, an outgoing call. The work did not run, or, where its guard failed to settle, its result is withheld.
 */
public final class RefusedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient Reply reply;

    /**
     * Makes one.
     *
     * @param exchange what was refused
     * @param reply what the guard answered
     */
    public RefusedException(Exchange exchange, Reply reply) {
        super(exchange.kind() + " " + exchange.operation() + " was refused with status " + reply.status());
        this.reply = reply;
    }

    /**
     * What the guard answered.
     *
     * @return the reply
     */
    public Reply reply() {
        return reply;
    }
}
