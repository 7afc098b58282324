package dev.crosscut.jdbc;

import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The products that are known, by the names that OpenTelemetry's semantic conventions have for them. */
enum Product {
    POSTGRESQL("postgresql", 5432, Dialect.POSTGRESQL, Code.STATE, "postgresql"),
    MYSQL("mysql", 3306, Dialect.MYSQL, Code.VENDOR, "mysql"),
    MARIADB("mariadb", 3306, Dialect.MYSQL, Code.VENDOR, "mariadb"),
    SQL_SERVER("microsoft.sql_server", 1433, Dialect.SQL_SERVER, Code.VENDOR, "sqlserver", "microsoft sql server"),
    ORACLE("oracle.db", 1521, Dialect.ORACLE, Code.ORACLE, "oracle"),
    H2("h2database", 9092, Dialect.H2, Code.VENDOR, "h2"),
    HSQLDB("hsqldb", 9001, Dialect.OTHER, Code.BOTH, "hsqldb", "hsql database engine"),
    DERBY("derby", 1527, Dialect.OTHER, Code.BOTH, "derby", "apache derby"),
    DB2("ibm.db2", 50000, Dialect.OTHER, Code.VENDOR, "db2"),
    INFORMIX("ibm.informix", 0, Dialect.OTHER, Code.VENDOR, "informix-sqli", "informix dynamic server"),
    SQLITE("sqlite", 0, Dialect.OTHER, Code.VENDOR, "sqlite"),
    FIREBIRD("firebirdsql", 3050, Dialect.OTHER, Code.BOTH, "firebirdsql", "firebird"),
    COCKROACHDB("cockroachdb", 26257, Dialect.OTHER, Code.STATE, "cockroachdb"),
    REDSHIFT("aws.redshift", 5439, Dialect.OTHER, Code.STATE, "redshift"),
    CLICKHOUSE("clickhouse", 8123, Dialect.OTHER, Code.VENDOR, "clickhouse", "ch"),
    TRINO("trino", 8080, Dialect.OTHER, Code.BOTH, "trino"),
    HANA("sap.hana", 0, Dialect.OTHER, Code.VENDOR, "sap", "hdb"),
    SPANNER("gcp.spanner", 0, Dialect.OTHER, Code.BOTH, "cloudspanner", "google cloud spanner"),
    TERADATA("teradata", 0, Dialect.OTHER, Code.VENDOR, "teradata"),
    OTHER("other_sql", 0, Dialect.OTHER, Code.BOTH);

    /**
     * Which of its codes says most: the one that the conventions ask for, and all of them where that is not clear
     * (db.response.status_code for SQL databases).
     */
    private enum Code {
        STATE,
        VENDOR,
        ORACLE,
        BOTH
    }

    private static final int LONGEST_STATE = 16;

    /** The value of {@code db.system.name}. */
    final String system;

    /** The port that goes without saying; 0 where there is none. */
    final int port;

    final Dialect dialect;

    private final Code code;

    /** How its URLs begin behind {@code jdbc:}, and what it calls itself. */
    @SuppressWarnings("ImmutableEnumChecker") // List.of makes none that can change
    private final List<String> names;

    Product(String system, int port, Dialect dialect, Code code, String... names) {
        this.system = system;
        this.port = port;
        this.dialect = dialect;
        this.code = code;
        this.names = List.of(names);
    }

    static Optional<Product> named(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        for (Product product : values()) {
            if (product.names.contains(lower)) {
                return Optional.of(product);
            }
        }
        return lower.startsWith("db2/") ? Optional.of(DB2) : Optional.empty();
    }

    /** What the database, or its driver, says of a failure. */
    Optional<String> status(SQLException failure) {
        String given = failure.getSQLState();
        String state = given != null && isCode(given) ? given : "";
        int number = failure.getErrorCode();
        if (number == 0 || (code == Code.STATE && !state.isEmpty())) {
            return state.isEmpty() ? Optional.empty() : Optional.of(state);
        }
        String vendor = code == Code.ORACLE && number > 0
                ? String.format(Locale.ROOT, "ORA-%05d", number)
                : Integer.toString(number);
        return Optional.of(
                code != Code.BOTH || state.isEmpty() || state.equals(vendor) ? vendor : state + "/" + vendor);
    }

    /** Whether it is a code and not a sentence. */
    private static boolean isCode(String state) {
        return !state.isEmpty()
                && state.length() <= LONGEST_STATE
                && state.chars().allMatch(c -> c < 0x80 && Character.isLetterOrDigit(c));
    }
}
