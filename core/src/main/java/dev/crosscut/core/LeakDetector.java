package dev.crosscut.core;

import java.lang.ref.Cleaner;

/** Reports calls that an adapter dropped without ending them. Costs an allocation a call, so it is on only by setting. */
final class LeakDetector {

    private static final Key<Trace> TRACE = Key.of("leak_trace", Trace.class);

    private final Cleaner cleaner = Cleaner.create();
    private final Faults faults;

    LeakDetector(Faults faults) {
        this.faults = faults;
    }

    void watch(Call call) {
        Trace trace = new Trace(faults, Faults.describe(call.exchange));
        call.exchange.put(TRACE, trace);
        cleaner.register(call, trace::collected);
    }

    void ended(Call call) {
        call.exchange.get(TRACE).ifPresent(trace -> trace.ended = true);
    }

    /** What is known of a call after it is gone; must not refer to it. */
    private static final class Trace {
        private final Faults faults;
        private final String what;
        private volatile boolean ended;

        Trace(Faults faults, String what) {
            this.faults = faults;
            this.what = what;
        }

        void collected() {
            if (!ended) {
                faults.report(
                        System.Logger.Level.ERROR,
                        Call.class,
                        "a call of " + what + " was never ended, so its guards never settled and no log line, span or"
                                + " measurement tells of it; expected the adapter to call end",
                        null);
            }
        }
    }
}
