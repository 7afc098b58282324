package dev.crosscut.core;

/** The replies of the pipeline itself. Their types are documented in docs/problems.md. */
final class Problems {

    static final String BASE = "https://crosscut.dev/problems/";

    private Problems() {}

    static Reply contentTooLarge(int limit) {
        return Reply.problem(413, "content-too-large", "The request content is too large")
                .detail("The content of this request may have at most " + limit + " bytes.")
                .with("limit", limit)
                .reply();
    }

    static Reply unreadableBody() {
        return Reply.problem(400, "unreadable-content", "The request content could not be read")
                .detail("The connection ended, or its framing was wrong, before the content was complete.")
                .reply();
    }

    static Reply guardFailed() {
        return Reply.problem(500, "guard-failed", "The request could not be checked")
                .detail("A check that this request must pass failed to run, so the request was refused.")
                .reply();
    }
}
