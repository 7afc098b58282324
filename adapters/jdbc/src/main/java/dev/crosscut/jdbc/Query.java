package dev.crosscut.jdbc;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What may be shown of the text of a query.
 *
 * @param text the text without literals and comments, bounded; empty where there is none
 * @param summary its operations and what they work on, such as {@code SELECT payments}; empty where it is not understood
 * @param procedure the stored procedure that it calls, where it does nothing else
 */
record Query(String text, String summary, @Nullable String procedure) {

    /** A longer text is cut. */
    static final int LONGEST_TEXT = 4096;

    /** Of a batch, how many texts are looked at. */
    private static final int MOST_TEXTS = 1000;

    private static final String BATCH = "BATCH";

    static Query of(String sql, Dialect dialect) {
        QuerySummary summary = QuerySummary.of(sql, dialect);
        return new Query(QueryText.of(sql, dialect, LONGEST_TEXT), summary.text(), summary.procedure());
    }

    /** The texts of a batch, by the conventions: those that differ follow one another, and have a summary of what is common. */
    static Query ofBatch(List<String> texts, Dialect dialect) {
        if (texts.isEmpty()) {
            return new Query("", BATCH, null);
        }
        Query first = of(texts.get(0), dialect);
        StringBuilder all = new StringBuilder(first.text);
        boolean sameText = true;
        boolean sameSummary = texts.size() <= MOST_TEXTS;
        boolean sameProcedure = sameSummary;
        for (String sql : texts.subList(1, Math.min(texts.size(), MOST_TEXTS))) {
            Query next = sql.equals(texts.get(0)) ? first : of(sql, dialect);
            sameText &= next.text.equals(first.text);
            sameSummary &= next.summary.equals(first.summary);
            sameProcedure &= Objects.equals(next.procedure, first.procedure);
            if (all.length() <= LONGEST_TEXT) {
                all.append("; ").append(next.text);
            }
        }
        return new Query(
                sameText ? first.text : QueryText.cut(all, LONGEST_TEXT),
                sameSummary ? first.batched().summary : BATCH,
                sameProcedure ? first.procedure : null);
    }

    /** The same query several times over. */
    Query batched() {
        return new Query(text, summary.isEmpty() ? BATCH : BATCH + ' ' + summary, procedure);
    }
}
