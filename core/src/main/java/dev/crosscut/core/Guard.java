package dev.crosscut.core;

import java.util.concurrent.CompletionStage;

/**
 * Something that may answer an exchange in place of its handler: authentication, authorisation, idempotency, an audit
 * trail that must not have gaps.
 *
 * <p>Guards are asked in the order of their {@link Phase}, then of registration. The first that answers ends the
 * exchange. Each guard that let the exchange proceed is told the outcome exactly once through {@link #settle}, in the
 * reverse order; one that answered is not. <strong>A fault refuses</strong>: whatever a guard throws, and a null where a
 * decision is due, answers the exchange with a 500 problem, is reported at most once a minute and counted in
 * {@link Crosscut#faults()}.
 *
 * <p>Implementations are called from many threads at once. The exchange is current on the thread while a guard runs, and
 * calls that the guard makes are its children.
 */
public interface Guard {

    /** The place of a guard in the ring, in the order of asking. */
    enum Phase {
        /** Finds out who calls. */
        AUTHENTICATE,
        /** Decides whether the caller may. */
        AUTHORIZE,
        /** Decides whether this was done already. */
        DEDUPLICATE,
        /** Writes down that it is about to be done. */
        RECORD
    }

    /**
     * The place of this guard. Asked once, when the pipeline is built.
     *
     * @return the phase
     */
    Phase phase();

    /**
     * How many bytes of the request body this guard must see. Asked once per exchange, before {@link #admit}, after the
     * guards before it let the exchange proceed. The body is then at {@link Exchange#requestBody()}; one that is longer
     * is answered with 413 and {@code admit} is not called.
     *
     * @param exchange the exchange
     * @return the bound in bytes, 0 for a guard that does not look at the body
     * @throws Exception refuses the exchange
     */
    default int requestBytes(Exchange exchange) throws Exception {
        return 0;
    }

    /**
     * How many bytes of the response must be held back until this guard has settled. Asked once per exchange, before
     * {@link #admit}; holds where that says to proceed. Within the bound nothing reaches the client before {@link #settle} returns, and the
     * body is at {@link Exchange#responseBody()}; a response that is longer, or a stream of events, settles before its
     * first byte with an empty {@code responseBody()}.
     *
     * @param exchange the exchange
     * @return the bound in bytes, 0 for a guard that does not look at the response
     * @throws Exception refuses the exchange
     */
    default int responseBytes(Exchange exchange) throws Exception {
        return 0;
    }

    /**
     * Decides. May block, unless the guard is {@link Async} and the framework asks asynchronously.
     *
     * @param exchange the exchange
     * @return the decision
     * @throws Exception refuses the exchange
     */
    Decision admit(Exchange exchange) throws Exception;

    /**
     * Tells a guard that let the exchange proceed how it came out; the client has not got the response yet where it is
     * held. {@link Outcome.Answered} means that a later guard answered and the handler did not run. May block as
     * {@link #admit} may.
     *
     * @param exchange the exchange
     * @param outcome what the handler did
     * @return normally {@link Decision#proceed()}; an answer takes the place of a held response, and is ignored where
     *     none is held
     * @throws Exception answers in place of a held response with a 500 problem
     */
    default Decision settle(Exchange exchange, Outcome outcome) throws Exception {
        return Decision.proceed();
    }

    /** A guard that waits on I/O, with a twin of each method that may wait, so that no event loop is ever blocked. */
    interface Async extends Guard {

        /**
         * Decides, without blocking the calling thread.
         *
         * @param exchange the exchange
         * @return the decision to come; completed exceptionally it refuses
         */
        CompletionStage<Decision> admitAsync(Exchange exchange);

        /**
         * As {@link #settle}, without blocking the calling thread.
         *
         * @param exchange the exchange
         * @param outcome what the handler did
         * @return as for {@link #settle}, to come
         */
        CompletionStage<Decision> settleAsync(Exchange exchange, Outcome outcome);

        @Override
        default Decision admit(Exchange exchange) throws Exception {
            return Faults.join(admitAsync(exchange));
        }

        @Override
        default Decision settle(Exchange exchange, Outcome outcome) throws Exception {
            return Faults.join(settleAsync(exchange, outcome));
        }
    }
}
