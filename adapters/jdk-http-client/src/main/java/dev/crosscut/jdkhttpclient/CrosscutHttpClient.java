package dev.crosscut.jdkhttpclient;

import dev.crosscut.core.Crosscut;
import java.net.http.HttpClient;
import java.util.Objects;

/** Makes an exchange of each request that a {@link HttpClient} sends. */
public final class CrosscutHttpClient {

    private CrosscutHttpClient() {}

    /**
     * The same client, each of whose requests is an exchange of kind
     * {@link dev.crosscut.core.Exchange.Kind#CLIENT CLIENT}, inside the one that is current where it is sent. As safe for
     * use by several threads as the client itself. A client that is wrapped already for the same pipeline is returned as
     * it is.
     *
     * <ul>
     *   <li>The exchange ends when the client's own call would have returned, or its own future would have completed, and
     *       before the caller learns of it. For a body that is read later, such as that of
     *       {@link java.net.http.HttpResponse.BodyHandlers#ofInputStream() ofInputStream}, that is when the header section
     *       has arrived. Redirects that the client follows, its answers to challenges, its retries and promises pushed to
     *       it are part of the exchange. A WebSocket is none.
     *   <li>Headers that participants set take the place of those that the request has under the same name; one that the
     *       client does not allow, such as {@code Host}, is a fault of the participant that set it. All else of the request
     *       is sent as it is.
     *   <li>Where a guard answers, {@code send} throws a {@link dev.crosscut.core.RefusedException}, with which the future of
     *       {@code sendAsync} fails: before anything is sent, or, where a guard answers when it settles, in place of the
     *       response, whose body is then closed.
     *   <li>{@code sendAsync} fails its future with all that goes wrong, also with what the client itself would throw at
     *       once. {@code cancel(true)} of that future, or of one derived from it, aborts the request.
     *   <li>What the caller hands in (body handlers, their subscribers, handlers of pushed promises) and what it adds to the
     *       returned future runs within the exchange that was current for the caller, on whatever thread it runs.
     * </ul>
     *
     * @param client the client to send requests with; still to be closed by whoever made it, for which closing the returned
     *     one, on Java 21 and later, does as well
     * @param crosscut the pipeline; not closed by the client
     * @return the client to use in its place
     */
    public static HttpClient wrap(HttpClient client, Crosscut crosscut) {
        Objects.requireNonNull(client, "client");
        Objects.requireNonNull(crosscut, "crosscut");
        return client instanceof WrappedClient wrapped && wrapped.isFor(crosscut)
                ? wrapped
                : new WrappedClient(client, crosscut);
    }
}
