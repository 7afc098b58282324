/**
 * One JSON object a line.
 *
 * <p><strong>Use:</strong> nothing, or {@link dev.crosscut.logging.CrosscutEncoder} in a {@code logback.xml} of one's own.
 * The other public types are for {@link java.util.ServiceLoader}.
 */
@NullMarked
package dev.crosscut.logging;

import org.jspecify.annotations.NullMarked;
