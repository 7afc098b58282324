package dev.crosscut.idempotency.jdbc;

import dev.crosscut.idempotency.IdempotencyStore.Purgeable;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * Drops what is over, again and again, on a thread of its own. Each pause is chosen anew, from half of the interval to one
 * and a half, and the first from none on, so that processes that were started together do not go on together.
 */
final class Purger implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger("dev.crosscut.idempotency");
    private static final int BATCH = 1000;

    /** So much at a time, so that a store with a long past does not keep a connection busy for as long. */
    private static final int BATCHES = 100;

    private final Purgeable store;
    private final long interval;
    private final CountDownLatch closed = new CountDownLatch(1);
    private boolean failed; // by the one thread alone

    Purger(Purgeable store, Duration interval) {
        this.store = store;
        this.interval = interval.toNanos();
    }

    void start() {
        Thread thread = new Thread(this::run, "crosscut-idempotency-purge");
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        try {
            long pause = ThreadLocalRandom.current().nextLong(interval);
            while (!closed.await(pause, TimeUnit.NANOSECONDS)) {
                purge();
                pause = interval / 2 + ThreadLocalRandom.current().nextLong(interval);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void purge() {
        try {
            int dropped = BATCH;
            for (int i = 0; i < BATCHES && dropped == BATCH && closed.getCount() > 0; i++) {
                dropped = store.purge(BATCH);
            }
            failed = false;
        } catch (RuntimeException e) {
            if (!failed && closed.getCount() > 0) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "records that are over could not be dropped; this is tried again, and said once until it works",
                        e);
            }
            failed = true;
        }
    }

    /** A purge that is under way is neither waited for nor interrupted: H2 takes an interrupt for the end of its file. */
    @Override
    public void close() {
        closed.countDown();
    }
}
