/** Requests of the JDK's HTTP client as exchanges. */
@NullMarked
package dev.crosscut.jdkhttpclient;

import org.jspecify.annotations.NullMarked;
