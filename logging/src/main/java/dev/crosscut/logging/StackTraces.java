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
        int most = Math.min(longest, bound);
        if (!line.text(text(thrown), most)) {
            line.markShortened();
        }
    }

    /** Text that is whole, or longer than the bound. */
    String text(IThrowableProxy thrown) {
        StringBuilder text = new StringBuilder(Math.min(longest, 4096) + 16);
        write(thrown, "", "", 0, Collections.newSetFromMap(new IdentityHashMap<>()), text);
        return text.toString();
    }

    private boolean isFull(StringBuilder text) {
        return text.length() > longest;
    }

    private void write(
            IThrowableProxy outermost,
            String title,
            String indent,
            int depth,
            Set<IThrowableProxy> seen,
            StringBuilder text) {
        List<IThrowableProxy> chain = new ArrayList<>();
        for (IThrowableProxy each = outermost; each != null && seen.add(each); each = each.getCause()) {
            chain.add(each);
            if (seen.size() > LONGEST_CHAIN) {
                break;
            }
        }
        for (int i = 0; i < chain.size() && !isFull(text); i++) {
            IThrowableProxy one = chain.get(isRootFirst ? chain.size() - 1 - i : i);
            text.append(indent).append(i == 0 ? title : isRootFirst ? "Wrapped by: " : "Caused by: ");
            writeHeader(one, text);
            writeFrames(one.getStackTraceElementProxyArray(), one.getCommonFrames(), indent, text);
            IThrowableProxy[] suppressed = one.getSuppressed();
            if (suppressed != null && depth < DEEPEST) {
                for (IThrowableProxy each : suppressed) {
                    if (!isFull(text) && each != null) {
                        write(each, "Suppressed: ", indent + '\t', depth + 1, seen, text);
                    }
                }
            }
        }
    }

    private void writeHeader(IThrowableProxy thrown, StringBuilder text) {
        int room = Math.max(0, longest + 1 - text.length());
        if (thrown.isCyclic()) {
            text.append("[circular reference] ");
        }
        String whole = thrown.getOverridingMessage();
        String message = thrown.getMessage();
        if (whole == null) {
            whole = message == null ? thrown.getClassName() : thrown.getClassName() + ": " + message;
        }
        text.append(safe(Texts.beginning(masking.text(Texts.beginning(whole, 2 * room)), room)))
                .append('\n');
    }

    private String safe(String text) {
        return isForPeople ? Texts.printable(text) : text;
    }

    private void writeFrames(
            StackTraceElementProxy @Nullable [] frames, int common, String indent, StringBuilder text) {
        if (frames == null) {
            return;
        }
        int foldedFrames = 0;
        int own = Math.min(frames.length, Math.max(1, frames.length - common));
        for (int i = 0; i < own && !isFull(text); i++) {
            StackTraceElement frame = frames[i].getStackTraceElement();
            if (i > 0 && isFolded(frame.getClassName())) {
                foldedFrames++;
            } else {
                foldedFrames = writeFolded(foldedFrames, indent, text);
                writeFrame(frame, indent, text);
            }
        }
        writeFolded(foldedFrames, indent, text);
        if (own < frames.length) {
            text.append(indent).append("\t... ").append(frames.length - own).append(" common frames\n");
        }
    }

    private static int writeFolded(int frames, String indent, StringBuilder text) {
        if (frames > 0) {
            text.append(indent).append("\t... ").append(frames).append(" frames folded\n");
        }
        return 0;
    }

    private boolean isFolded(String className) {
        for (String prefix : folded) {
            if (className.startsWith(prefix)) {
                return true;
            }
        }
        return false;
    }

    private void writeFrame(StackTraceElement frame, String indent, StringBuilder text) {
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
