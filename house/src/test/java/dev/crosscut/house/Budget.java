package dev.crosscut.house;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** What one module may weigh. */
record Budget(int jarKib, int dependencies) {
    static final String TABLE = "house/budgets.txt";

    /** The budget of each artifact. */
    static Map<String, Budget> read() {
        Path table = Reactor.read().root().resolve(TABLE);
        Map<String, Budget> budgets = new TreeMap<>();
        try {
            for (String line : Files.readAllLines(table)) {
                if (line.isBlank() || line.startsWith("#")) {
                    continue;
                }
                String[] cells = line.strip().split("\\s+", -1);
                if (cells.length != 3) {
                    throw new IllegalStateException(TABLE + ": expected three columns: " + line);
                }
                Budget budget = new Budget(Integer.parseInt(cells[1]), Integer.parseInt(cells[2]));
                if (budgets.put(cells[0], budget) != null) {
                    throw new IllegalStateException(TABLE + ": two rows for " + cells[0]);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return budgets;
    }
}
