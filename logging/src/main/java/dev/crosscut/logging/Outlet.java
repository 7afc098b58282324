package dev.crosscut.logging;

import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Where lines go: to a target, which may be replaced, or to stderr while that fails. It is tried again once a second. What
 * has been written whole before it failed does not go to stderr again.
 *
 * <p>For one thread, but for {@link #use}.
 */
final class Outlet {

    private static final long RETRY_EVERY = TimeUnit.SECONDS.toNanos(1);

    private final AtomicReference<@Nullable Target> next = new AtomicReference<>();
    private final OutputStream standardError;
    private final LineWriter.Reporter reporter;
    private Target target;
    private boolean isFailing;
    private long failedAt;

    Outlet(Target target, OutputStream standardError, LineWriter.Reporter reporter) {
        this.target = target;
        this.standardError = standardError;
        this.reporter = reporter;
    }

    /** Lines that are written from now on go there. */
    void use(Target newTarget) {
        Target unused = next.getAndSet(newTarget);
        if (unused != null) {
            close(unused);
        }
    }

    /** Takes the target that was given last, and gives up the one before. Stdout stays, with what is known of it. */
    void useNext() {
        Target newer = next.get() == null ? null : next.getAndSet(null);
        if (newer != null && !(newer instanceof StandardOutput && target instanceof StandardOutput)) {
            close(target);
            target = newer;
            isFailing = false;
        }
    }

    /** What is being written comes back as something that is logged. */
    void avoidEcho() {
        if (target instanceof StandardOutput standardOutput) {
            standardOutput.avoidEcho();
        }
    }

    /** The length of what was written, here or there: the rest is lost. */
    int write(byte[] lines, int length) {
        int through = 0;
        if (!isFailing || System.nanoTime() - failedAt >= RETRY_EVERY) {
            try {
                target.write(lines, length);
                recover();
                return length;
            } catch (Throwable e) {
                through = e instanceof Target.ShortWriteException some ? wholeLines(lines, some.written()) : 0;
                fail(e);
            }
        }
        try {
            standardError.write(lines, through, length - through);
            return length;
        } catch (IOException e) {
            return through; // there is nowhere left to say so, but the caller counts what is lost
        }
    }

    private static int wholeLines(byte[] lines, int length) {
        int end = length;
        while (end > 0 && lines[end - 1] != '\n') {
            end--;
        }
        return end;
    }

    private void recover() {
        if (isFailing) {
            isFailing = false;
            tell(() -> reporter.recovered(target));
        }
    }

    private void fail(Throwable failure) {
        failedAt = System.nanoTime();
        if (!isFailing) {
            isFailing = true;
            tell(() -> reporter.failed(target, failure));
        }
    }

    /** What listens to Logback's statuses may do what it likes, but not to the lines. */
    private static void tell(Runnable news) {
        try {
            news.run();
        } catch (Throwable e) {
            Values.survived(e);
        }
    }

    void close() {
        close(target);
    }

    private void close(Target old) {
        try {
            old.close();
        } catch (IOException e) {
            tell(() -> reporter.failed(old, e));
        }
    }
}
