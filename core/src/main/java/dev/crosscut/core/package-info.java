/**
 * One unit of work that crosses the edge of a service, and all that may watch, refuse or answer it.
 *
 * <p><strong>Use:</strong> {@link dev.crosscut.core.Crosscut}, {@link dev.crosscut.core.Exchange},
 * {@link dev.crosscut.core.Correlation}, {@link dev.crosscut.core.Propagation}.
 *
 * <p><strong>Wire a framework in:</strong> {@link dev.crosscut.core.Exchange}, {@link dev.crosscut.core.Call},
 * {@link dev.crosscut.core.Scope}, {@link dev.crosscut.core.Outcome}, {@link dev.crosscut.core.Reply}.
 *
 * <p><strong>Extend:</strong> {@link dev.crosscut.core.Observer}, {@link dev.crosscut.core.Guard},
 * {@link dev.crosscut.core.Binding}, {@link dev.crosscut.core.Plugin}, {@link dev.crosscut.core.Source}.
 */
@NullMarked
package dev.crosscut.core;

import org.jspecify.annotations.NullMarked;
