package dev.crosscut.core;

import java.lang.ref.WeakReference;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Objects that nothing may hold on to. */
final class Garbage {

    private final List<WeakReference<Object>> tracked = new CopyOnWriteArrayList<>();

    void track(Object object) {
        tracked.add(new WeakReference<>(object));
    }

    long alive() {
        System.gc();
        return tracked.stream().filter(reference -> reference.get() != null).count();
    }

    void awaitCollected() {
        Races.until(() -> alive() == 0);
    }
}
