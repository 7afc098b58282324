package dev.crosscut.core;

import java.lang.ref.Cleaner;
import java.util.concurrent.atomic.AtomicBoolean;

/** Reports calls that an adapter dropped without ending them. Costs an allocation a call, so it is on only by setting. */
final class LeakDetector {

    private static final Key<AtomicBoolean> ENDED = Key.of("leak_ended", AtomicBoolean.class);

    private final Cleaner cleaner = Cleaner.create();
    private final Faults faults;

    LeakDetector(Faults faults) {
        this.faults = faults;
    }

    void watch(Call call) {
        // What the cleaner keeps must not refer to the call.
        AtomicBoolean ended = new AtomicBoolean();
        String what = Faults.describe(call.exchange);
        call.exchange.put(ENDED, ended);
        cleaner.register(call, () -> {
            if (!ended.get()) {
                faults.report(
                        System.Logger.Level.ERROR,
                        Call.class,
                        "a call of " + what + " was never ended, so its guards never settled and no log line, span or"
                                + " measurement tells of it; expected the adapter to call end",
                        null);
            }
        });
    }

    void ended(Call call) {
        call.exchange.getOrDefault(ENDED, new AtomicBoolean()).set(true);
    }
}
