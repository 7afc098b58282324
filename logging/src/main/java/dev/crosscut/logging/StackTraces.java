package dev.crosscut.logging;

import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.StackTraceElementProxy;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Exceptions as text: the root cause first unless set otherwise, up to a bound. Immutable; safe for use by several threads.
 *
 * <p>Frames that an exception has in common with the one that it caused are only counted: the exception that was logged has
 * them all, and where it comes last, what is cut off are the frames of the container. So are frames of classes that are to
 * be folded. The first frame of an exception is always there.
 */
final class StackTraces {

    private static final int DEEPEST = 16;
    private static final int LONGEST_CHAIN = 1000;

    /** However little room there is for a message, a secret at its beginning is looked at this far. */
    private static final int LOOKED_AT = 4096;

    private final Masking masking;
    private final boolean isRootFirst;
    private final List<String> folded;
    private final boolean isAbbreviated;
    private final int longest;
    private final boolean isForPeople;

    /** For people, what could break a line or its order is escaped; JSON escapes it anyway. */
    StackTraces(FormatSettings settings, Masking masking, boolean isForPeople) {
        this.isForPeople = isForPeople;
        this.masking = masking;
        this.isRootFirst = settings.stackOrder() == FormatSettings.StackOrder.ROOT_FIRST;
        this.folded = List.copyOf(settings.stackFold());
        this.isAbbreviated = settings.stackAbbreviate();
        this.longest = settings.maxStack();
    }

    /** Appends a stack trace as JSON has it between quotes, and marks the line where it is not whole. */
    void write(IThrowableProxy thrown, int bound, LineBuffer line) {
        Trace trace = new Trace(thrown);
        if (!line.text(trace.toString(), Math.min(longest, bound)) || trace.isCut) {
            line.markShortened();
        }
    }

    /** Text that is whole, or longer than the bound, but for the ends of long messages. */
    String text(IThrowableProxy thrown) {
        return new Trace(thrown).toString();
    }

    /** One in the making. */
    private final class Trace {

        private final StringBuilder text = new StringBuilder(Math.min(longest, 4096) + 16);
        private final Set<IThrowableProxy> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        private boolean isCut;

        Trace(IThrowableProxy thrown) {
            write(thrown, "", "", 0);
        }

        @Override
        public String toString() {
            return text.toString();
        }

        private boolean isFull() {
            return text.length() > longest;
        }

        private void write(IThrowableProxy outermost, String title, String indent, int depth) {
            List<IThrowableProxy> chain = new ArrayList<>();
            for (IThrowableProxy each = outermost; each != null && seen.add(each); each = each.getCause()) {
                chain.add(each);
                if (seen.size() > LONGEST_CHAIN) {
                    break;
                }
            }
            for (int i = 0; i < chain.size() && !isFull(); i++) {
                IThrowableProxy one = chain.get(isRootFirst ? chain.size() - 1 - i : i);
                text.append(indent).append(i == 0 ? title : isRootFirst ? "Wrapped by: " : "Caused by: ");
                writeHeader(one);
                writeFrames(one.getStackTraceElementProxyArray(), one.getCommonFrames(), indent);
                IThrowableProxy[] suppressed = one.getSuppressed();
                if (suppressed != null && depth < DEEPEST) {
                    for (IThrowableProxy each : suppressed) {
                        if (!isFull() && each != null) {
                            write(each, "Suppressed: ", indent + '\t', depth + 1);
                        }
                    }
                }
            }
        }

        private void writeHeader(IThrowableProxy thrown) {
            int room = Math.max(0, longest + 1 - text.length());
            if (thrown.isCyclic()) {
                text.append("[circular reference] ");
            }
            String whole = thrown.getOverridingMessage();
            String message = thrown.getMessage();
            if (whole == null) {
                whole = message == null ? thrown.getClassName() : thrown.getClassName() + ": " + message;
            }
            int looked = Math.max(room, LOOKED_AT);
            String masked = masking.beginning(whole, looked);
            isCut |= whole.length() > 2 * looked || masked.length() > room;
            text.append(safe(Texts.beginning(masked, room))).append('\n');
        }

        private void writeFrames(StackTraceElementProxy @Nullable [] frames, int common, String indent) {
            if (frames == null) {
                return;
            }
            int foldedFrames = 0;
            int own = Math.min(frames.length, Math.max(1, frames.length - common));
            for (int i = 0; i < own && !isFull(); i++) {
                StackTraceElement frame = frames[i].getStackTraceElement();
                if (i > 0 && isFolded(frame.getClassName())) {
                    foldedFrames++;
                } else {
                    foldedFrames = writeFolded(foldedFrames, indent);
                    writeFrame(frame, indent);
                }
            }
            writeFolded(foldedFrames, indent);
            if (own < frames.length) {
                text.append(indent).append("\t... ").append(frames.length - own).append(" common frames\n");
            }
        }

        private int writeFolded(int frames, String indent) {
            if (frames > 0) {
                text.append(indent).append("\t... ").append(frames).append(" frames folded\n");
            }
            return 0;
        }

        private void writeFrame(StackTraceElement frame, String indent) {
            String className = frame.getClassName();
            text.append(indent)
                    .append("\tat ")
                    .append(safe(isAbbreviated ? abbreviated(className) : className))
                    .append('.')
                    .append(safe(frame.getMethodName()))
                    .append('(');
            String file = frame.getFileName();
            if (frame.isNativeMethod()) {
                text.append("Native Method");
            } else if (file == null) {
                text.append("Unknown Source");
            } else {
                text.append(safe(file));
                if (frame.getLineNumber() >= 0) {
                    text.append(':').append(frame.getLineNumber());
                }
            }
            text.append(")\n");
        }
    }

    private String safe(String text) {
        return isForPeople ? Texts.printable(text) : text;
    }

    private boolean isFolded(String className) {
        for (String prefix : folded) {
            if (className.startsWith(prefix)) {
                return true;
            }
        }
        return false;
    }

    /** The name of a class with the first letter of each of its packages: {@code o.s.w.s.DispatcherServlet}. */
    static String abbreviated(String className) {
        StringBuilder text = new StringBuilder(className.length());
        int from = 0;
        for (int dot = className.indexOf('.'); dot >= 0; dot = className.indexOf('.', from)) {
            text.append(className, from, Math.min(from + 1, dot)).append('.');
            from = dot + 1;
        }
        return text.append(className, from, className.length()).toString();
    }
}
