package dev.crosscut.benchmarks;

import java.util.Arrays;

/** The figures of all iterations of one benchmark: at least one, in ascending order. */
final class Sample {

    private final double[] ascending;

    Sample(double... figures) {
        if (figures.length == 0) {
            throw new IllegalArgumentException("a sample of no figures; expected those of one iteration at least");
        }
        ascending = figures.clone();
        Arrays.sort(ascending);
    }

    double lowerQuartile() {
        return quantile(0.25);
    }

    double median() {
        return quantile(0.5);
    }

    double upperQuartile() {
        return quantile(0.75);
    }

    private double quantile(double share) {
        double place = share * (ascending.length - 1);
        int below = (int) place;
        int above = Math.min(below + 1, ascending.length - 1);
        return ascending[below] + (place - below) * (ascending[above] - ascending[below]);
    }
}
