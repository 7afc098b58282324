package dev.crosscut.jdbc;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads host, port and database out of a URL of JDBC, and nothing else: a URL may have credentials in several places. Only
 * the grammars of the drivers that are named here are read, and only what has the form of a host, a port or a name is taken.
 */
final class JdbcUrl {

    private static final Pattern HOST = Pattern.compile("[A-Za-z0-9._-]{1,255}|\\[[0-9A-Fa-f:.%]{2,64}]");
    private static final Pattern PORT = Pattern.compile("\\d{1,5}");
    private static final Pattern NAME = Pattern.compile("[\\p{L}\\p{N}_.$#| -]{1,128}");

    /** What stands between the name of the product and the name of an embedded database. */
    private static final Set<String> PLACES =
            Set.of("classpath", "directory", "file", "jar", "mem", "memory", "nio", "nioMapped", "res", "zip");

    private static final Set<String> NETWORKS = Set.of("http", "https", "hsql", "hsqls", "ssl", "tcp");

    /** How many words before that of the product are passed over, such as those of drivers that wrap another. */
    private static final int MOST_WORDS = 4;

    private final Product product;
    private final String rest;

    private JdbcUrl(Product product, String rest) {
        this.product = product;
        this.rest = rest;
    }

    /** Nothing where the product is none of those that are known. */
    static Optional<Location> locate(String url) {
        return find(url).map(JdbcUrl::location);
    }

    private static Optional<JdbcUrl> find(String url) {
        String[] words = url.split(":", MOST_WORDS + 2);
        int at = words[0].length() + 1;
        for (int i = 1; i < words.length - 1; i++) {
            at += words[i].length() + 1;
            Optional<Product> product = Product.named(words[i]);
            if (product.isPresent()) {
                return Optional.of(new JdbcUrl(product.get(), url.substring(at)));
            }
        }
        return Optional.empty();
    }

    private Location location() {
        return switch (product) {
            case POSTGRESQL, MYSQL, MARIADB, COCKROACHDB, REDSHIFT, CLICKHOUSE, TRINO, DB2, INFORMIX -> server();
            case SQL_SERVER -> sqlServer();
            case ORACLE -> oracle();
            case H2, HSQLDB, DERBY, SQLITE -> embedded();
            default -> nowhere();
        };
    }

    private Location nowhere() {
        return new Location(product, null, null, 0);
    }

    /** {@code //user:password@host:port,host:port/database?key=value}. */
    private Location server() {
        int end = first(rest, "?;#");
        String parameters = rest.substring(end);
        int slashes = rest.indexOf("//");
        if (hidesCredentials(parameters) || slashes > end) {
            return nowhere();
        }
        if (slashes < 0) { // jdbc:postgresql:database
            return new Location(product, namespace(rest.substring(0, end), parameters), null, 0);
        }
        String body = rest.substring(slashes + 2, end);
        int credentials = body.lastIndexOf('@') + 1;
        if (credentials > 0 && parameters.indexOf('@') >= 0) {
            return nowhere(); // either may be part of a password
        }
        boolean several = body.substring(0, credentials).indexOf(',') >= 0;
        body = body.substring(credentials);
        int slash = first(body, "/");
        String path = slash < body.length() ? body.substring(slash + 1) : "";
        String authority = body.substring(0, slash);
        if (several || authority.isEmpty() || authority.indexOf(',') >= 0) {
            boolean hosts = authority.isEmpty();
            for (String host : authority.split(",", -1)) {
                hosts |= Host.of(host).isPresent();
            }
            return hosts ? new Location(product, namespace(path, parameters), null, 0) : nowhere();
        }
        return Host.of(authority)
                .map(host -> new Location(product, namespace(path, parameters), host.address, host.port(product)))
                .orElseGet(this::nowhere);
    }

    private @Nullable String namespace(String path, String parameters) {
        String database = path;
        if (product == Product.DB2 || product == Product.INFORMIX) {
            database = path.substring(0, first(path, ":"));
        } else if (product == Product.TRINO) {
            database = path.replace('/', '|');
        }
        String name = name(database);
        if (product == Product.POSTGRESQL) {
            String schema = schema(parameters);
            if (name == null || schema == null) {
                return name == null ? schema : name;
            }
            return name + '|' + schema;
        }
        return name;
    }

    /** The first schema of the search path that the URL asks for. */
    private static @Nullable String schema(String parameters) {
        for (String parameter : parameters.split("[?&]", -1)) {
            if (parameter.startsWith("currentSchema=")) {
                String path = decoded(parameter.substring(parameter.indexOf('=') + 1));
                return path == null ? null : name(path.substring(0, first(path, ",")));
            }
        }
        return null;
    }

    /** {@code //host\instance:port;key=value;key={value}}, or that of jTDS, {@code //host:port/database;key=value}. */
    private Location sqlServer() {
        int slashes = rest.indexOf("//");
        if (slashes < 0) {
            return nowhere();
        }
        String body = rest.substring(slashes + 2);
        int end = first(body, ";?");
        String server = body.substring(0, end);
        Map<String, String> properties = properties(body.substring(end));
        int slash = first(server, "/");
        String path = slash < server.length() ? server.substring(slash + 1) : "";
        server = server.substring(0, slash);
        int backslash = first(server, "\\");
        String instance = "";
        if (backslash < server.length()) {
            int colon = server.indexOf(':', backslash);
            instance = server.substring(backslash + 1, colon < 0 ? server.length() : colon);
            server = server.substring(0, backslash) + (colon < 0 ? "" : server.substring(colon));
        }
        String named = instance.isEmpty() ? value(properties, "instancename", "instance") : instance;
        String database = path.isEmpty() ? value(properties, "databasename", "database") : path;
        if (server.isEmpty()) {
            String port = value(properties, "portnumber", "port");
            server = value(properties, "servername", "server") + (port.isEmpty() ? "" : ":" + port);
        }
        String first = name(named);
        String second = name(database);
        String namespace = first == null || second == null ? (first == null ? second : first) : first + '|' + second;
        return Host.of(server)
                .map(host -> new Location(product, namespace, host.address, host.port(product)))
                .orElseGet(() -> new Location(product, namespace, null, 0));
    }

    private static String value(Map<String, String> properties, String key, String alias) {
        return properties.getOrDefault(key, properties.getOrDefault(alias, ""));
    }

    /** A value in braces may have semicolons, and a closing brace that is doubled. */
    private static Map<String, String> properties(String text) {
        Map<String, String> properties = new HashMap<>();
        int at = 0;
        while (at < text.length()) {
            int equals = text.indexOf('=', at);
            if (equals < 0) {
                break;
            }
            String key = text.substring(at, equals);
            int end = text.indexOf(';', equals);
            if (text.startsWith("{", equals + 1)) {
                int brace = text.indexOf('}', equals);
                while (brace >= 0 && text.startsWith("}", brace + 1)) {
                    brace = text.indexOf('}', brace + 2);
                }
                end = brace < 0 ? -1 : text.indexOf(';', brace);
            }
            String value = text.substring(equals + 1, end < 0 ? text.length() : end);
            properties.putIfAbsent(
                    key.replace(";", "").strip().toLowerCase(Locale.ROOT),
                    value.startsWith("{") && value.endsWith("}") ? value.substring(1, value.length() - 1) : value);
            at = end < 0 ? text.length() : end;
        }
        return properties;
    }

    /** {@code thin:user/password@//host:port/service}; the name of the service is not that of the database. */
    private Location oracle() {
        int end = first(rest, "?");
        int at = rest.lastIndexOf('@', end);
        if (at < 0 || rest.indexOf('@', end) >= 0) {
            return nowhere();
        }
        String server = rest.substring(at + 1, end).replaceFirst("^(tcps?:)?//", "");
        int slash = first(server, "/");
        String[] parts = server.substring(0, slash).split(":", 3);
        if (slash == server.length() && parts.length == 1) {
            return nowhere(); // a name that is looked up elsewhere
        }
        return Host.of(parts.length == 1 ? parts[0] : parts[0] + ':' + parts[1])
                .map(host -> new Location(product, null, host.address, host.port(product)))
                .orElseGet(this::nowhere);
    }

    /** {@code mem:name}, {@code file:path/name}, {@code tcp://host:port/path/name}, {@code name}, each with {@code ;key=value}. */
    private Location embedded() {
        String body = rest.substring(0, first(rest, ";?"));
        int colon = body.indexOf(':');
        String place = colon < 0 ? "" : body.substring(0, colon);
        boolean network = body.startsWith("//") || NETWORKS.contains(place);
        if (network) {
            body = body.substring(colon < 0 || body.startsWith("//") ? 0 : colon + 1)
                    .replaceFirst("^//", "");
            int slash = first(body, "/");
            String path = body.substring(slash);
            return Host.of(body.substring(0, slash))
                    .map(host -> new Location(product, file(path), host.address, host.port(product)))
                    .orElseGet(this::nowhere);
        }
        return new Location(product, file(PLACES.contains(place) ? body.substring(colon + 1) : body), null, 0);
    }

    private static @Nullable String file(String path) {
        return name(path.substring(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1));
    }

    private record Host(String address, String given) {

        static Optional<Host> of(String authority) {
            int colon = authority.startsWith("[") ? authority.indexOf("]:") + 1 : authority.indexOf(':');
            String host = colon <= 0 ? authority : authority.substring(0, colon);
            String port = colon <= 0 ? "" : authority.substring(colon + 1);
            boolean numbered = port.isEmpty() || PORT.matcher(port).matches();
            if (!numbered || !HOST.matcher(host).matches()) {
                return Optional.empty();
            }
            return Optional.of(new Host(host.startsWith("[") ? host.substring(1, host.length() - 1) : host, port));
        }

        int port(Product product) {
            return given.isEmpty() ? product.port : Integer.parseInt(given);
        }
    }

    /** Whether there is an @ where no value of a parameter is: then a password has cut the URL in the wrong place. */
    private static boolean hidesCredentials(String parameters) {
        for (String parameter : parameters.split("[?&;#]", -1)) {
            int at = parameter.indexOf('@');
            if (at >= 0 && parameter.lastIndexOf('=', at) < 0) {
                return true;
            }
        }
        return false;
    }

    private static @Nullable String name(String text) {
        String name = decoded(text);
        return name != null && NAME.matcher(name).matches() ? name : null;
    }

    private static @Nullable String decoded(String text) {
        try {
            return text.indexOf('%') < 0 ? text : URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** The index of the first of these characters, or the length. */
    private static int first(String text, String characters) {
        int i = 0;
        while (i < text.length() && characters.indexOf(text.charAt(i)) < 0) {
            i++;
        }
        return i;
    }
}
