/** The store of idempotency keys in a SQL database, one statement a call where the database can. */
@NullMarked
package dev.crosscut.idempotency.jdbc;

import org.jspecify.annotations.NullMarked;
