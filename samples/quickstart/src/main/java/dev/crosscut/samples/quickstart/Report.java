package dev.crosscut.samples.quickstart;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** What the tour shows, for a person to read. */
final class Report {

    private static final String BOLD = "1";
    private static final String DIM = "2";
    private static final String RED = "31";
    private static final String GREEN = "32";
    private static final String CYAN = "36";

    private static final int ROW = 100;
    private static final Pattern BETWEEN_FIELDS = Pattern.compile("(?<=,)(?=\")");

    private final PrintStream out;
    private final boolean coloured;
    private final List<String> broken = new ArrayList<>();
    private final long began = System.nanoTime();
    private int steps;
    private int kept;

    Report(PrintStream out, boolean coloured) {
        this.out = out;
        this.coloured = coloured;
    }

    void title(String text) {
        out.println();
        out.println(styled(BOLD, text));
    }

    void step(String text) {
        steps++;
        out.println();
        out.println(styled(BOLD, steps + ". " + text));
    }

    void request(String method, String path, String[] headers, String body) {
        out.println("   " + styled(CYAN, "> " + method + " " + path));
        for (int i = 0; i < headers.length; i += 2) {
            out.println("   " + styled(CYAN, "> ") + headers[i] + ": " + headers[i + 1]);
        }
        if (!body.isEmpty()) {
            out.println("     " + body);
        }
    }

    void reply(int status, List<String> headers, String body) {
        out.println("   " + styled(CYAN, "< " + status));
        headers.forEach(header -> out.println("   " + styled(CYAN, "< ") + header));
        if (!body.isEmpty()) {
            out.println("     " + body);
        }
    }

    void command(String line, String said) {
        out.println("   " + styled(CYAN, "$ " + line));
        text(said.lines().toList());
    }

    void text(List<String> lines) {
        lines.forEach(line -> out.println(line.isEmpty() ? "" : "     " + line));
    }

    void log(List<Map<String, Object>> lines) {
        for (Map<String, Object> line : lines) {
            String text = "%-5s %-16s %s".formatted(line.get("log.level"), line.get("log.logger"), line.get("message"));
            out.println("   " + styled(DIM, "| " + text + "  [" + line.get("correlation_id") + "]"));
        }
    }

    void note(String text) {
        out.println("   " + text + ":");
    }

    /** A line of the log as it came, over as many rows as it takes: put together, they are the line. */
    void json(String line) {
        StringBuilder row = new StringBuilder();
        for (String part : BETWEEN_FIELDS.splitAsStream(line).toList()) {
            if (!row.isEmpty() && row.length() + part.length() > ROW) {
                jsonRow(row);
            }
            row.append(part);
        }
        jsonRow(row);
    }

    private void jsonRow(StringBuilder row) {
        out.println("   " + styled(DIM, "| " + row));
        row.setLength(0);
    }

    void promise(String text, boolean isKept) {
        out.println("   " + (isKept ? styled(GREEN, "ok     ") : styled(RED, "BROKEN ")) + text);
        if (isKept) {
            kept++;
        } else {
            broken.add(steps + ". " + text);
        }
    }

    /** Whether every promise was kept. */
    boolean finish() {
        out.println();
        long millis = (System.nanoTime() - began) / 1_000_000;
        if (broken.isEmpty()) {
            out.println(styled(GREEN, "All " + kept + " promises were kept, in " + millis + " ms."));
        } else {
            out.println(styled(RED, broken.size() + " of " + (kept + broken.size()) + " promises were broken:"));
            broken.forEach(text -> out.println("  " + text));
        }
        return broken.isEmpty();
    }

    private String styled(String style, String text) {
        return coloured ? "\u001b[" + style + "m" + text + "\u001b[0m" : text;
    }
}
