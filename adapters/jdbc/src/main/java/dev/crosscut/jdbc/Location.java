package dev.crosscut.jdbc;

import org.jspecify.annotations.Nullable;

/**
 * Which database, and where it is.
 *
 * @param product what is known of its kind
 * @param system the value of {@code db.system.name}
 * @param namespace the database within its server, as the URL has it
 * @param address the host
 * @param port the port, where the host is known and it is not the one that goes without saying; otherwise 0
 */
record Location(
        Product product,
        String system,
        @Nullable String namespace,
        @Nullable String address,
        int port) {

    static final Location UNKNOWN = new Location(Product.OTHER, null, null, 0);

    Location(Product product, @Nullable String namespace, @Nullable String address, int port) {
        this(product, product.system, namespace, address, address == null || port == product.port ? 0 : port);
    }
}
