package dev.crosscut.idempotency;

import dev.crosscut.core.Reply;
import dev.crosscut.idempotency.OutcomeFormat.Kind;
import dev.crosscut.idempotency.Protocol.Kept;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** The replies of this concern. Their types are documented in docs/problems.md. */
final class Problems {

    private static final String RETRY_AFTER = "Retry-After";

    private Problems() {}

    static Reply missing(String expected) {
        return Reply.problem(400, "idempotency-key-missing", "An idempotency key is required")
                .detail("There is none; expected " + expected + ".")
                .reply();
    }

    static Reply invalid(String what, String expected) {
        return Reply.problem(400, "idempotency-key-invalid", "The idempotency key is malformed")
                .detail("There is " + what + "; expected " + expected + ".")
                .reply();
    }

    static Reply conflict(Duration remaining) {
        return Reply.problem(409, "idempotency-conflict", "A request with this idempotency key is being processed")
                .detail("Nothing was done. Send the same request again later, and it gets what the first comes to.")
                .header(RETRY_AFTER, Long.toString(seconds(remaining)))
                .reply();
    }

    static long seconds(Duration remaining) {
        return Math.max(1, remaining.plusMillis(999).toSeconds());
    }

    static Reply mismatch() {
        return Reply.problem(422, "idempotency-mismatch", "The idempotency key was used for another request")
                .detail("Nothing was done. A key is for one request; a different one needs a key of its own.")
                .reply();
    }

    static Reply unknown() {
        return Reply.problem(409, "idempotency-outcome-unknown", "It is not known what the first request came to")
                .detail("A request with this idempotency key ended without an outcome, and may have been processed in"
                        + " part or whole. Nothing was done now. Find out before trying again with another key.")
                .reply();
    }

    static Reply notReplayable() {
        return Reply.problem(409, "idempotency-not-replayable", "The response to the first request was not kept")
                .detail("The request with this idempotency key has been processed, and is not processed again.")
                .reply();
    }

    static Reply unavailable() {
        return Reply.problem(
                        503, "idempotency-unavailable", "It cannot be said whether this request was processed before")
                .detail("Nothing was done. Send the same request again later.")
                .header(RETRY_AFTER, "1")
                .reply();
    }

    /** What is kept of a handler that threw, where server errors are stored. */
    static Reply failed(int status) {
        return Reply.problem(status, "idempotency-first-failed", "The first request failed")
                .detail("The request with this idempotency key failed, and is not processed again.")
                .reply();
    }

    static Kept tombstone(String why) {
        return new Kept(Kind.TOMBSTONE, why.getBytes(StandardCharsets.UTF_8));
    }
}
