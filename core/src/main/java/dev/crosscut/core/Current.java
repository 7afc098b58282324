package dev.crosscut.core;

import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/*
 * What is current on a thread.
 *
 * Cells. Each thread that has ever run an exchange owns one cell of three references: the current exchange, the
 * innermost open scope, the thread itself. A cell is an Object[] of the bootstrap class loader,
 * and empty between exchanges, so a pooled thread that outlives a redeployed application pins none of its classes.
 *
 * Cost. Reading is one thread-local lookup. A hand-over swaps one reference of the cell, or two where a scope is open,
 * and allocates nothing. References in a cell are written no more often than need be: the collector has a barrier on each.
 *
 * Scopes. Closing a scope marks it. Its own thread drops marked scopes from the top whenever it comes by, and only then
 * closes what their bindings opened, so that mirrors too are restored in the reverse order of opening. The exchange is
 * current before bindings hear of it: a mirror that makes exchanges current itself then finds nothing to do. What a hand-over
 * leaves open is dropped with it. So each thread ends up empty whatever the order was.
 */
final class Current {

    private static final int EXCHANGE = 0;
    private static final int SCOPE = 1;
    private static final int THREAD = 2;

    private static final ThreadLocal<@Nullable Object[]> CELL =
            ThreadLocal.withInitial(() -> new @Nullable Object[] {null, null, Thread.currentThread()});

    private Current() {}

    static @Nullable Exchange get() {
        return get(CELL.get());
    }

    private static @Nullable Exchange get(@Nullable Object[] cell) {
        dropClosed(cell);
        return (Exchange) cell[EXCHANGE];
    }

    static Scope attach(Exchange exchange, Pipeline pipeline) {
        @Nullable Object[] cell = CELL.get();
        dropClosed(cell);
        Object before = cell[EXCHANGE];
        Object below = cell[SCOPE] == null ? before : cell[SCOPE];
        cell[EXCHANGE] = exchange;
        try {
            Opened scope = pipeline.bindings.length == 0
                    ? new Opened(cell, exchange, below)
                    : new Bound(cell, exchange, below, pipeline.bind(exchange), pipeline);
            cell[SCOPE] = scope;
            return scope;
        } catch (Throwable e) {
            cell[EXCHANGE] = before;
            throw e;
        }
    }

    /** Tells the observers of the end of a call, with its exchange current as in {@link #run}. */
    static @Nullable VirtualMachineError end(Call call, Outcome outcome) {
        @Nullable Object[] cell = CELL.get();
        Exchange before = get(cell);
        Object scope = cell[SCOPE];
        AutoCloseable bound = enter(cell, call.exchange);
        try {
            return call.pipeline.tell(call, outcome);
        } finally {
            leave(cell, bound, call.exchange, before, scope);
        }
    }

    /** Runs a task with the captured exchange current, or with none where none was captured. */
    static void run(@Nullable Exchange captured, Runnable task) {
        @Nullable Object[] cell = CELL.get();
        Exchange before = get(cell);
        if (isSame(before, captured)) {
            task.run();
            return;
        }
        Object scope = cell[SCOPE];
        AutoCloseable bound = enter(cell, captured);
        try {
            task.run();
        } finally {
            leave(cell, bound, captured, before, scope);
        }
    }

    /** As {@link #run}, written out again because a task in between would be allocated for each hand-over. */
    static <T extends @Nullable Object> T get(@Nullable Exchange captured, Supplier<T> task) {
        @Nullable Object[] cell = CELL.get();
        Exchange before = get(cell);
        if (isSame(before, captured)) {
            return task.get();
        }
        Object scope = cell[SCOPE];
        AutoCloseable bound = enter(cell, captured);
        try {
            return task.get();
        } finally {
            leave(cell, bound, captured, before, scope);
        }
    }

    /** As {@link #get}, for a task that may throw. */
    static <T extends @Nullable Object> T call(@Nullable Exchange captured, Callable<T> task) throws Exception {
        @Nullable Object[] cell = CELL.get();
        Exchange before = get(cell);
        if (isSame(before, captured)) {
            return task.call();
        }
        Object scope = cell[SCOPE];
        AutoCloseable bound = enter(cell, captured);
        try {
            return task.call();
        } finally {
            leave(cell, bound, captured, before, scope);
        }
    }

    @SuppressWarnings("ReferenceEquality") // this very exchange, whatever an adapter makes of equals
    private static boolean isSame(@Nullable Object one, @Nullable Object other) {
        return one == other;
    }

    private static @Nullable AutoCloseable enter(@Nullable Object[] cell, @Nullable Exchange captured) {
        Pipeline pipeline = pipelineOf(captured == null ? (Exchange) cell[EXCHANGE] : captured);
        cell[EXCHANGE] = captured;
        if (cell[SCOPE] != null) {
            cell[SCOPE] = null;
        }
        return pipeline == null || pipeline.bindings.length == 0 ? null : pipeline.bind(captured);
    }

    private static void leave(
            @Nullable Object[] cell,
            @Nullable AutoCloseable bound,
            @Nullable Exchange captured,
            @Nullable Exchange before,
            @Nullable Object scope) {
        dropLeftOpen(cell);
        cell[EXCHANGE] = before;
        if (scope != null) {
            cell[SCOPE] = scope;
        }
        if (bound != null) {
            Pipeline pipeline = pipelineOf(captured == null ? before : captured);
            if (pipeline != null) {
                pipeline.unbind(0, bound);
            }
        }
        dropClosed(cell);
    }

    private static @Nullable Pipeline pipelineOf(@Nullable Exchange exchange) {
        Call call = exchange == null ? null : exchange.call();
        return call == null ? null : call.pipeline;
    }

    private static void dropClosed(@Nullable Object[] cell) {
        Opened top = (Opened) cell[SCOPE];
        while (top != null && top.cell == null) {
            top = drop(top, cell);
        }
    }

    private static void dropLeftOpen(@Nullable Object[] cell) {
        Opened top = (Opened) cell[SCOPE];
        while (top != null) {
            if (top.cell != null) {
                top.cell = null;
                top.misused("was left open by the task that opened it");
            }
            top = drop(top, cell);
        }
    }

    private static @Nullable Opened drop(Opened top, @Nullable Object[] cell) {
        Opened scope = top.below instanceof Opened below ? below : null;
        cell[SCOPE] = scope;
        cell[EXCHANGE] = scope == null ? top.below : scope.exchange;
        top.unbind();
        return scope;
    }

    private static class Opened implements Scope {
        private @Nullable Object @Nullable [] cell; // null once closed
        private final Exchange exchange;
        private final @Nullable Object below; // the scope that was open, else the exchange that was current

        Opened(@Nullable Object[] cell, Exchange exchange, @Nullable Object below) {
            this.cell = cell;
            this.exchange = exchange;
            this.below = below;
        }

        @Override
        public final void close() {
            @Nullable Object[] opened = cell;
            if (opened == null) {
                return;
            }
            cell = null;
            if (opened[THREAD] != Thread.currentThread()) {
                misused("was closed on another thread than the one that opened it");
                return;
            }
            if (opened[SCOPE] != this) {
                misused("was closed before a scope that was opened inside it");
            }
            dropClosed(opened);
        }

        void unbind() {}

        void misused(String how) {
            Call call = exchange.call();
            if (call != null) {
                call.pipeline.faults.report(
                        System.Logger.Level.WARNING,
                        Scope.class,
                        "a scope of " + Faults.describe(exchange) + " " + how
                                + "; expected try-with-resources around the code that it covers",
                        null);
            }
        }
    }

    private static final class Bound extends Opened {
        private final AutoCloseable bound;
        private final Pipeline pipeline;

        Bound(
                @Nullable Object[] cell,
                Exchange exchange,
                @Nullable Object below,
                AutoCloseable bound,
                Pipeline pipeline) {
            super(cell, exchange, below);
            this.bound = bound;
            this.pipeline = pipeline;
        }

        @Override
        void unbind() {
            pipeline.unbind(0, bound);
        }
    }
}
