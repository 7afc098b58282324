/**
 * The ids of a trace across services, and spans where an OpenTelemetry SDK is there.
 *
 * <p><strong>Use:</strong> nothing, or {@link dev.crosscut.tracing.W3cTraceContext} in an SDK of one's own. The other public
 * type is for {@link java.util.ServiceLoader}.
 */
@NullMarked
package dev.crosscut.tracing;

import org.jspecify.annotations.NullMarked;
