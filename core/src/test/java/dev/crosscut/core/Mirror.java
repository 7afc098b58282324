package dev.crosscut.core;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A thread-bound context such as MDC, which restores what was there before, and is strict about who closes what. */
final class Mirror implements Binding {

    private final Map<Thread, Shown> shown = new ConcurrentHashMap<>();
    private final AtomicInteger opened = new AtomicInteger();
    private final AtomicInteger closed = new AtomicInteger();
    private final List<String> misuses = new CopyOnWriteArrayList<>();

    private final class Shown implements Scope {
        private final String operation;
        private final Thread thread = Thread.currentThread();
        private final @Nullable Shown before = shown.get(thread);
        private boolean isClosed;

        Shown(String operation) {
            this.operation = operation;
            opened.incrementAndGet();
        }

        @Override
        public void close() {
            if (isClosed) {
                misuses.add(operation + " was closed twice");
                return;
            }
            isClosed = true;
            closed.incrementAndGet();
            if (thread != Thread.currentThread()) {
                misuses.add(operation + " was closed on another thread");
                return;
            }
            if (shown.get(thread) != this) {
                misuses.add(operation + " was closed out of order");
            }
            if (before == null) {
                shown.remove(thread);
            } else {
                shown.put(thread, before);
            }
        }
    }

    /** The operation of the exchange that is mirrored on this thread, empty where there is none. */
    String shown() {
        Shown top = shown.get(Thread.currentThread());
        return top == null ? "" : top.operation;
    }

    int opened() {
        return opened.get();
    }

    int open() {
        return opened.get() - closed.get();
    }

    List<String> misuses() {
        return misuses;
    }

    @Override
    public Scope attach(Exchange exchange) {
        Shown scope = new Shown(exchange.operation());
        shown.put(scope.thread, scope);
        return scope;
    }

    @Override
    public Scope clear() {
        Shown scope = new Shown("");
        shown.put(scope.thread, scope);
        return scope;
    }
}
