/** A small payments service, and the ledger service that it calls, with Crosscut wired into both. */
@NullMarked
package dev.crosscut.samples.quickstart;

import org.jspecify.annotations.NullMarked;
