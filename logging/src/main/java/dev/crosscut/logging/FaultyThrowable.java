package dev.crosscut.logging;

import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.StackTraceElementProxy;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What can be had of an exception that throws when it is asked. Immutable. */
final class FaultyThrowable implements IThrowableProxy {

    private static final int MOST = 32;
    private static final StackTraceElement[] NO_FRAMES = {};
    private static final Throwable[] NONE_SUPPRESSED = {};

    private final String className;
    private final @Nullable String message;
    private final StackTraceElementProxy[] frames;
    private final int common;
    private final IThrowableProxy[] suppressed;
    private final @Nullable IThrowableProxy cause;

    FaultyThrowable(Throwable thrown) {
        this(thrown, NO_FRAMES, Collections.newSetFromMap(new IdentityHashMap<>()));
    }

    private FaultyThrowable(Throwable thrown, StackTraceElement[] outer, Set<Throwable> seen) {
        StackTraceElement[] trace = ask(thrown, Throwable::getStackTrace, NO_FRAMES);
        seen.add(thrown);
        this.className = thrown.getClass().getName();
        this.message = message(thrown);
        this.frames = Stream.of(trace).map(StackTraceElementProxy::new).toArray(StackTraceElementProxy[]::new);
        this.common = common(trace, outer);
        this.suppressed = Stream.of(ask(thrown, Throwable::getSuppressed, NONE_SUPPRESSED))
                .filter(each -> seen.size() < MOST && !seen.contains(each))
                .map(each -> new FaultyThrowable(each, trace, seen))
                .toArray(IThrowableProxy[]::new);
        Throwable next = ask(thrown, Throwable::getCause, thrown);
        this.cause = seen.size() < MOST && !seen.contains(next) ? new FaultyThrowable(next, trace, seen) : null;
    }

    private static int common(StackTraceElement[] trace, StackTraceElement[] outer) {
        int common = 0;
        while (common < Math.min(trace.length, outer.length)
                && trace[trace.length - 1 - common].equals(outer[outer.length - 1 - common])) {
            common++;
        }
        return common;
    }

    private static <T> T ask(Throwable thrown, Function<Throwable, @Nullable T> question, T otherwise) {
        try {
            T answer = question.apply(thrown);
            return answer == null ? otherwise : answer;
        } catch (Throwable e) {
            Values.survived(e);
            return otherwise;
        }
    }

    private static @Nullable String message(Throwable thrown) {
        try {
            return thrown.getMessage();
        } catch (Throwable e) {
            return "<" + Values.survived(e).getClass().getName() + ">";
        }
    }

    @Override
    public @Nullable String getMessage() {
        return message;
    }

    @Override
    public @Nullable String getOverridingMessage() {
        return null;
    }

    @Override
    public String getClassName() {
        return className;
    }

    @Override
    public StackTraceElementProxy[] getStackTraceElementProxyArray() {
        return frames.clone();
    }

    @Override
    public int getCommonFrames() {
        return common;
    }

    @Override
    public @Nullable IThrowableProxy getCause() {
        return cause;
    }

    @Override
    public IThrowableProxy[] getSuppressed() {
        return suppressed.clone();
    }

    @Override
    public boolean isCyclic() {
        return false;
    }
}
