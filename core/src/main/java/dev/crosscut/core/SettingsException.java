package dev.crosscut.core;

import java.util.List;

/** The configuration cannot be used. Its message lists everything that is wrong with it. */
public final class SettingsException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String[] problems;

    SettingsException(List<String> problems) {
        super((problems.size() == 1 ? "1 problem" : problems.size() + " problems") + " in the configuration:\n  - "
                + String.join("\n  - ", problems));
        this.problems = problems.toArray(new String[0]);
    }

    /**
     * What is wrong.
     *
     * @return one line for each problem: the key, where its value came from, what was expected
     */
    public List<String> problems() {
        return List.of(problems);
    }
}
