/** Contract suites for what others write against {@link dev.crosscut.core}. */
@NullMarked
package dev.crosscut.tck;

import org.jspecify.annotations.NullMarked;
