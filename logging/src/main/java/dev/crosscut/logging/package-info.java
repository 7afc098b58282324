/**
 * One JSON object a line.
 *
 * <p><strong>Use:</strong> nothing, or {@link dev.crosscut.logging.CrosscutAppender} in a {@code logback.xml} of one's own,
 * or {@link dev.crosscut.logging.CrosscutEncoder} in an appender of somebody else's. The other public types are for {@link java.util.ServiceLoader}.
 */
@NullMarked
package dev.crosscut.logging;

import org.jspecify.annotations.NullMarked;
