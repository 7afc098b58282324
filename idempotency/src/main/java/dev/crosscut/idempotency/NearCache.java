package dev.crosscut.idempotency;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;

/** Finished records, which do not change before their retention is over, beside a store that is far. */
final class NearCache {

    private static final int OVERHEAD = 256;

    private final boolean keeps;
    private final Cache<RecordKey, Claim.Done> records;

    /** A bound of 0 keeps nothing. */
    NearCache(long maxBytes, Duration longest, LongSupplier clock) {
        this.keeps = maxBytes > 0; // or the cache would keep each for a moment
        this.records = Caffeine.newBuilder()
                .maximumWeight(maxBytes)
                .weigher((RecordKey key, Claim.Done done) ->
                        OVERHEAD + done.outcome().remaining())
                .expireAfter(Expiry.creating((RecordKey key, Claim.Done done) ->
                        done.remaining().compareTo(longest) < 0 ? done.remaining() : longest))
                .ticker((Ticker) clock::getAsLong)
                .executor(Runnable::run)
                .build();
    }

    Optional<Claim.Done> find(RecordKey key) {
        return keeps ? Optional.ofNullable(records.getIfPresent(key)) : Optional.empty();
    }

    void keep(RecordKey key, Claim.Done done) {
        if (keeps) {
            records.put(key, done);
        }
    }
}
