package dev.crosscut.servlet;

import dev.crosscut.core.Exchange;
import dev.crosscut.core.Propagation;
import dev.crosscut.core.Scope;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * One asynchronous cycle, from {@code startAsync} to {@code complete} or {@code dispatch}. A held response goes out before
 * it is completed; tasks run within the exchange; {@link AsyncCycles} tells it what happens, and it tells the listeners.
 */
final class AsyncCycle implements AsyncContext, AsyncListener {

    private final AsyncContext context;
    private final Dispatched dispatched;
    private final boolean original;
    private final List<Registration> listeners = new CopyOnWriteArrayList<>();
    private volatile boolean over;
    private volatile boolean completedInstead;

    private record Registration(
            AsyncListener listener,
            @Nullable ServletRequest request,
            @Nullable ServletResponse response) {}

    private interface Notification {
        void to(AsyncListener listener, AsyncEvent event) throws IOException;
    }

    AsyncCycle(AsyncContext context, Dispatched dispatched, boolean original) {
        this.context = context;
        this.dispatched = dispatched;
        this.original = original;
    }

    /** Whether it was completed or dispatched. */
    boolean isOver() {
        return over;
    }

    /** Completes it for a handler whose response has just been sent, and who may be too late to do so. */
    void completeInstead() {
        completedInstead = true;
        try {
            context.complete();
        } catch (IllegalStateException e) {
            // the handler was quicker
        }
        over = true;
    }

    @Override
    public void complete() {
        try {
            dispatched.finish();
        } catch (IOException clientGone) {
            // known to the one who threw it; the container ends the cycle all the same
        } finally {
            act(context::complete);
        }
    }

    @Override
    public void dispatch() {
        act(context::dispatch);
    }

    @Override
    public void dispatch(String path) {
        act(() -> context.dispatch(path));
    }

    @Override
    public void dispatch(ServletContext servletContext, String path) {
        act(() -> context.dispatch(servletContext, path));
    }

    /**
     * Tomcat would let a handler that is too late take the place of the error, with nothing of its response left. A dispatch
     * while the guards settle comes before that is known; then {@link CrosscutFilter} does not let it.
     */
    private void act(Runnable action) {
        if (dispatched.isExpired() && !dispatched.isFinished()) {
            throw new IllegalStateException("the container has given up on the response; expected this before it did");
        }
        boolean before = over;
        try {
            action.run();
            over = true;
        } catch (IllegalStateException e) {
            if (!completedInstead && (before || !dispatched.cycles().refused())) {
                throw e;
            }
        }
    }

    @Override
    public void start(Runnable task) {
        context.start(
                Exchange.current().isPresent()
                        ? Propagation.wrap(task)
                        : () -> {
                            try (Scope scope = dispatched.attach()) {
                                task.run();
                            }
                        });
    }

    // Listeners

    @Override
    public void addListener(AsyncListener listener) {
        listeners.add(new Registration(listener, null, null));
    }

    @Override
    public void addListener(AsyncListener listener, ServletRequest request, ServletResponse response) {
        listeners.add(new Registration(listener, request, response));
    }

    @Override
    public <T extends AsyncListener> T createListener(Class<T> type) throws ServletException {
        return context.createListener(type);
    }

    /** Tells all, whatever one throws, as containers do; they get this context, never the container's own. */
    private void tell(AsyncEvent event, Notification notification) throws IOException {
        IOException failure = null;
        for (Registration each : listeners) {
            ServletRequest request = each.request == null ? event.getSuppliedRequest() : each.request;
            ServletResponse response = each.response == null ? event.getSuppliedResponse() : each.response;
            try {
                notification.to(each.listener, new AsyncEvent(this, request, response, event.getThrowable()));
            } catch (VirtualMachineError e) {
                throw e;
            } catch (Throwable e) {
                if (failure == null) {
                    failure = new IOException("an AsyncListener failed: " + e, e);
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    @Override
    public void onComplete(AsyncEvent event) throws IOException {
        tell(event, AsyncListener::onComplete);
    }

    @Override
    public void onTimeout(AsyncEvent event) throws IOException {
        tell(event, AsyncListener::onTimeout);
    }

    @Override
    public void onError(AsyncEvent event) throws IOException {
        tell(event, AsyncListener::onError);
    }

    @Override
    public void onStartAsync(AsyncEvent event) throws IOException {
        tell(event, AsyncListener::onStartAsync);
    }

    // As the container has it

    @Override
    public ServletRequest getRequest() {
        return context.getRequest();
    }

    @Override
    public ServletResponse getResponse() {
        return context.getResponse();
    }

    @Override
    public boolean hasOriginalRequestAndResponse() {
        return original || context.hasOriginalRequestAndResponse();
    }

    @Override
    public void setTimeout(long timeout) {
        context.setTimeout(timeout);
    }

    @Override
    public long getTimeout() {
        return context.getTimeout();
    }
}
