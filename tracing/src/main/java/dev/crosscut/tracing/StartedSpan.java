package dev.crosscut.tracing;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.context.Context;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A span that has begun, in the shape of one that has not: it takes attributes and links, and the rest is settled. */
record StartedSpan(Span span) implements SpanBuilder {

    @Override
    public SpanBuilder setParent(Context context) {
        return this;
    }

    @Override
    public SpanBuilder setNoParent() {
        return this;
    }

    @Override
    public SpanBuilder addLink(SpanContext linked) {
        span.addLink(linked);
        return this;
    }

    @Override
    public SpanBuilder addLink(SpanContext linked, Attributes attributes) {
        span.addLink(linked, attributes);
        return this;
    }

    @Override
    public SpanBuilder setAttribute(String key, @Nullable String value) {
        span.setAttribute(key, value);
        return this;
    }

    @Override
    public SpanBuilder setAttribute(String key, long value) {
        span.setAttribute(key, value);
        return this;
    }

    @Override
    public SpanBuilder setAttribute(String key, double value) {
        span.setAttribute(key, value);
        return this;
    }

    @Override
    public SpanBuilder setAttribute(String key, boolean value) {
        span.setAttribute(key, value);
        return this;
    }

    @Override
    public <T> SpanBuilder setAttribute(AttributeKey<T> key, @Nullable T value) {
        span.setAttribute(key, value);
        return this;
    }

    @Override
    public SpanBuilder setSpanKind(SpanKind kind) {
        return this;
    }

    @Override
    public SpanBuilder setStartTimestamp(long time, TimeUnit unit) {
        return this;
    }

    @Override
    public Span startSpan() {
        return span;
    }
}
