package dev.crosscut.metrics;

/** The heap that is in use, once what is garbage is gone. */
final class Memory {

    private Memory() {}

    static long used() {
        Runtime runtime = Runtime.getRuntime();
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 5; i++) {
            System.gc();
            least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
        }
        return least;
    }
}
