package dev.crosscut.servlet;

import dev.crosscut.core.Scope;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The asynchronous cycles of a request, as the container tells of them. The listeners of the application are told by this
 * one, which is therefore the last to hear: on a time-out it gives up on the response only where they have done nothing.
 */
final class AsyncCycles implements AsyncListener {

    private final Dispatched dispatched;
    private int count;
    private @Nullable Runnable afterDispatchBack;
    private volatile @Nullable AsyncCycle cycle;
    private volatile boolean listening;
    private volatile boolean expiring;

    AsyncCycles(Dispatched dispatched) {
        this.dispatched = dispatched;
    }

    /** How often the request has gone asynchronous. */
    int count() {
        return count;
    }

    /** Whether the request has gone asynchronous and was neither completed nor dispatched since. */
    boolean goOn() {
        AsyncCycle last = cycle;
        return last != null && !last.isOver();
    }

    /** The cycle that the container has begun, for the handler to have. */
    AsyncCycle begun(AsyncContext context, boolean original) {
        AsyncCycle begun = new AsyncCycle(context, dispatched, original);
        count++;
        expiring = false;
        listen(context);
        cycle = begun;
        return begun;
    }

    AsyncCycle current(AsyncContext context) {
        AsyncCycle last = cycle;
        return last == null ? begun(context, false) : last;
    }

    /** Runs a task once this dispatch has returned, if the request goes asynchronous in it and it is not the first. */
    void afterDispatchBack(Runnable task) {
        afterDispatchBack = task;
    }

    /** A further dispatch, in which the request went asynchronous, returned. */
    void dispatchReturned() {
        Runnable task = afterDispatchBack;
        AsyncCycle last = cycle;
        if (task != null && last != null && !last.isOver()) {
            last.start(task);
        }
    }

    // Listening

    /** Whether the container is going to tell of the end. */
    boolean isListening() {
        return listening;
    }

    private void listen(AsyncContext context) {
        if (!listening) {
            context.addListener(this);
            listening = true;
        }
    }

    /** For a request that has gone asynchronous behind the back of the one that the handler was given. */
    void listenTo(HttpServletRequest request) {
        try {
            listen(request.getAsyncContext());
        } catch (IllegalStateException completedMeanwhile) {
            // then nobody is going to tell, and it is over now
        }
    }

    /**
     * The container refused to complete the cycle or to dispatch it. Either it is on its way to {@link #onTimeout}, and the
     * response, which the guards have settled, is sent from there; or it has given up.
     *
     * @return whether the handler need not know
     */
    boolean refused() {
        if (expiring && dispatched.isFinished()) {
            return true;
        }
        dispatched.abandoned();
        return false;
    }

    private interface Notification {
        void to(AsyncCycle cycle) throws IOException;
    }

    private void tell(Notification notification) throws IOException {
        AsyncCycle told = cycle;
        if (told != null) {
            try (Scope scope = dispatched.attach()) {
                notification.to(told);
            }
        }
    }

    @Override
    public void onComplete(AsyncEvent event) throws IOException {
        try {
            tell(told -> told.onComplete(event));
        } finally {
            dispatched.end();
        }
    }

    @Override
    public void onTimeout(AsyncEvent event) throws IOException {
        expiring = true;
        try {
            tell(told -> told.onTimeout(event));
        } finally {
            AsyncCycle last = cycle;
            if (last == null || !last.isOver()) {
                Throwable reason = new TimeoutException("the response was not complete after "
                        + event.getAsyncContext().getTimeout() + " ms");
                if (last == null || !expired(last, reason)) {
                    dispatched.failed(reason);
                }
            }
        }
    }

    @Override
    public void onError(AsyncEvent event) throws IOException {
        Throwable thrown = event.getThrowable();
        Throwable reason =
                thrown == null ? new IOException("the container reported an error without an exception") : thrown;
        dispatched.failed(reason);
        try {
            tell(told -> told.onError(event));
        } finally {
            AsyncCycle last = cycle;
            if (last != null && !last.isOver()) {
                expired(last, reason);
            }
        }
    }

    /** Whether a response is complete all the same: the handler's, who was just done, or a guard's. */
    private boolean expired(AsyncCycle last, Throwable reason) throws IOException {
        dispatched.expire(reason);
        if (dispatched.isFinished()) {
            last.completeInstead();
            return true;
        }
        return false;
    }

    /** Listeners are dropped with each new cycle (Servlet 6.1, 2.3.3.3). */
    @Override
    public void onStartAsync(AsyncEvent event) throws IOException {
        event.getAsyncContext().addListener(this);
        tell(told -> told.onStartAsync(event));
        cycle = null;
    }
}
