/** Executions of JDBC statements as exchanges. */
@NullMarked
package dev.crosscut.jdbc;

import org.jspecify.annotations.NullMarked;
