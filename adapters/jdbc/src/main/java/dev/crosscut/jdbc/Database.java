package dev.crosscut.jdbc;

import java.sql.DatabaseMetaData;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/** A database: where it is, and what is known of the queries that are prepared for it. Safe for use by several threads. */
final class Database {

    /** Prepared texts that are remembered; all are forgotten when there would be more. */
    private static final int MOST_QUERIES = 512;

    private static final int LONGEST_QUERY = 4096;
    private static final Pattern SYSTEM = Pattern.compile("[a-z][a-z0-9 ._-]{0,62}");

    private final Location location;
    private final Map<String, Query> queries = new ConcurrentHashMap<>();

    Database(Location location) {
        this.location = location;
    }

    /** What the metadata of a connection say, which drivers have at hand; a fault of theirs is passed on. */
    static Location locate(DatabaseMetaData metadata, String url) throws Exception {
        Optional<Location> located = JdbcUrl.locate(url);
        return located.isPresent() ? located.get() : named(metadata.getDatabaseProductName());
    }

    private static Location named(String product) {
        String name = product == null ? "" : product.strip().toLowerCase(Locale.ROOT);
        Optional<Product> known = Product.named(name);
        if (known.isPresent()) {
            return new Location(known.get(), null, null, 0);
        }
        return SYSTEM.matcher(name).matches() ? new Location(Product.OTHER, name, null, null, 0) : Location.UNKNOWN;
    }

    Location location() {
        return location;
    }

    Dialect dialect() {
        return location.product().dialect;
    }

    /** The query that is prepared as this text. */
    Query prepared(String sql) {
        Query known = queries.get(sql);
        if (known != null) {
            return known;
        }
        Query query = Query.of(sql, dialect());
        if (sql.length() <= LONGEST_QUERY) {
            if (queries.size() >= MOST_QUERIES) {
                queries.clear();
            }
            queries.put(sql, query);
        }
        return query;
    }
}
