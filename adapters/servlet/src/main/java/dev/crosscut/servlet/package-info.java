/** Servlet requests as exchanges. */
@NullMarked
package dev.crosscut.servlet;

import org.jspecify.annotations.NullMarked;
