package dev.crosscut.idempotency;

import dev.crosscut.core.Decision;
import dev.crosscut.core.Exchange;
import dev.crosscut.core.Guard;
import dev.crosscut.core.Key;
import dev.crosscut.core.Outcome;
import dev.crosscut.core.Reply;
import dev.crosscut.idempotency.IdempotencyException.Reason;
import dev.crosscut.idempotency.IdempotencyListener.Event;
import dev.crosscut.idempotency.IdempotentRun.Completion;
import dev.crosscut.idempotency.OutcomeFormat.Content;
import dev.crosscut.idempotency.OutcomeFormat.Kind;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Lets an exchange proceed once for its key, and answers the others. */
final class IdempotencyGuard implements Guard.Async {

    private static final System.Logger LOG = System.getLogger("dev.crosscut.idempotency");

    private static final Key<Plan> PLAN = Key.of("idempotency_plan", Plan.class);
    private static final Key<String> RECORD =
            Key.of("idempotency_record", String.class).loggable();

    /** What an exchange is to this guard, found out once; and then its run. */
    private static final class Plan {
        private final Protocol protocol;
        private final Rule rule;
        private final String key;
        private final String invalid;
        private volatile @Nullable IdempotentRun run;

        Plan(Protocol protocol, Rule rule, String key, String invalid) {
            this.protocol = protocol;
            this.rule = rule;
            this.key = key;
            this.invalid = invalid;
        }
    }

    private final Engine engine;
    private final List<Protocol> protocols;

    IdempotencyGuard(Engine engine, List<Protocol> protocols) {
        this.engine = engine;
        this.protocols = List.copyOf(protocols);
    }

    @Override
    public Phase phase() {
        return Phase.DEDUPLICATE;
    }

    @Override
    public int requestBytes(Exchange exchange) {
        Plan plan = plan(exchange);
        return plan != null && !plan.key.isEmpty() && plan.protocol.hasBodies() ? plan.rule.maxRequest() : 0;
    }

    @Override
    public int responseBytes(Exchange exchange) {
        Plan plan = exchange.get(PLAN).orElse(null);
        return plan != null && !plan.key.isEmpty() && plan.protocol.hasBodies()
                ? Math.max(1, plan.rule.policy().maxOutcome())
                : 0;
    }

    private @Nullable Plan plan(Exchange exchange) {
        for (Protocol protocol : protocols) {
            Optional<Rule> rule = protocol.rule(exchange);
            if (rule.isPresent()) {
                if (rule.get().mode() == KeyMode.OFF) {
                    return null;
                }
                Plan plan = plan(exchange, protocol, rule.get());
                exchange.put(PLAN, plan);
                return plan;
            }
        }
        return null;
    }

    private static Plan plan(Exchange exchange, Protocol protocol, Rule rule) {
        try {
            return new Plan(protocol, rule, protocol.key(exchange, rule).orElse(""), "");
        } catch (IllegalArgumentException e) {
            return new Plan(protocol, rule, "", String.valueOf(e.getMessage()));
        }
    }

    @Override
    public Decision admit(Exchange exchange) {
        Plan plan = exchange.get(PLAN).orElse(null);
        if (plan == null || plan.key.isEmpty()) {
            return withoutKey(exchange, plan);
        }
        try {
            return decided(exchange, plan, engine.admitWaiting(request(exchange, plan)));
        } catch (IdempotencyException e) {
            return failed(exchange, plan, e);
        }
    }

    @Override
    public CompletionStage<Decision> admitAsync(Exchange exchange) {
        Plan plan = exchange.get(PLAN).orElse(null);
        if (plan == null || plan.key.isEmpty()) {
            return CompletableFuture.completedFuture(withoutKey(exchange, plan));
        }
        return engine.admitAsync(request(exchange, plan)).handle((admission, error) -> {
            Throwable bare =
                    error instanceof CompletionException && error.getCause() != null ? error.getCause() : error;
            if (bare instanceof IdempotencyException e) {
                return failed(exchange, plan, e);
            }
            if (bare != null) {
                throw new CompletionException(bare);
            }
            return decided(exchange, plan, admission);
        });
    }

    private static Decision withoutKey(Exchange exchange, @Nullable Plan plan) {
        if (plan == null) {
            return Decision.proceed();
        }
        if (!plan.invalid.isEmpty()) {
            return answer(exchange, "invalid", Problems.invalid(plan.invalid, plan.protocol.expected(plan.rule)));
        }
        return plan.rule.mode() == KeyMode.REQUIRED
                ? answer(exchange, "missing", Problems.missing(plan.protocol.expected(plan.rule)))
                : Decision.proceed();
    }

    private static Request request(Exchange exchange, Plan plan) {
        RecordKey key = RecordKey.of(exchange.protocol(), plan.protocol.scope(exchange, plan.rule), plan.key);
        Policy policy = plan.rule.policy();
        exchange.put(RECORD, key.toString());
        return new Request(
                plan.protocol.label(exchange, plan.rule),
                key,
                plan.protocol.fingerprint(exchange),
                isWithin(exchange, key) ? policy.waiting(Duration.ZERO) : policy);
    }

    /** Whether it is part of the work that it would wait for. */
    private static boolean isWithin(Exchange exchange, RecordKey key) {
        return Stream.iterate(
                        exchange.parent(),
                        Optional::isPresent,
                        outer -> outer.orElseThrow().parent())
                .flatMap(outer -> outer.orElseThrow().get(IdempotentRun.RUN).stream())
                .anyMatch(run -> run.request().key().equals(key));
    }

    private Decision decided(Exchange exchange, Plan plan, Admission admission) {
        if (admission instanceof Admission.Owned owned) {
            return owned(exchange, plan, owned.run());
        }
        if (admission instanceof Admission.Replay replay) {
            return replayed(exchange, plan, replay);
        }
        if (admission instanceof Admission.InFlight owner) {
            return answer(exchange, "conflict", Problems.conflict(owner.remaining()));
        }
        return admission instanceof Admission.Mismatch
                ? answer(exchange, "mismatch", Problems.mismatch())
                : answer(exchange, "unknown", Problems.unknown());
    }

    private Decision owned(Exchange exchange, Plan plan, IdempotentRun run) {
        try {
            run.checkOwned();
        } catch (IdempotencyException e) {
            run.release(); // nothing has begun, and nothing will
            run.leave();
            return failed(exchange, plan, e);
        }
        plan.run = run;
        exchange.put(IdempotentRun.RUN, run);
        exchange.put(Key.IDEMPOTENCY, run.isRepeated() ? "re-executed" : "executed");
        return Decision.proceed();
    }

    private Decision replayed(Exchange exchange, Plan plan, Admission.Replay replay) {
        Request request = replay.request();
        String why;
        try {
            Content content = engine.format.read(request.key(), replay.outcome());
            if (content.kind != Kind.TOMBSTONE) {
                Decision decision = plan.protocol.replay(exchange, content);
                exchange.put(Key.IDEMPOTENCY, "replayed");
                return decision;
            }
            why = new String(content.bytes, StandardCharsets.UTF_8);
        } catch (RuntimeException e) {
            why = e.toString();
        }
        LOG.log(
                System.Logger.Level.INFO,
                request.operation() + " is done under " + request.key() + ", but cannot be replayed: " + why);
        engine.told(Event.NOT_REPLAYABLE, request);
        return answer(exchange, "not-replayable", Problems.notReplayable());
    }

    private static Decision answer(Exchange exchange, String state, Reply reply) {
        exchange.put(Key.IDEMPOTENCY, state);
        return Decision.answer(reply);
    }

    private Decision failed(Exchange exchange, Plan plan, IdempotencyException e) {
        if (e.reason() == Reason.LEASE_LOST) {
            return answer(exchange, "lost", Problems.conflict(Duration.ZERO));
        }
        if (e.reason() == Reason.NOT_REPLAYABLE) {
            LOG.log(System.Logger.Level.ERROR, e.getMessage());
            return answer(exchange, "unknown", Problems.unknown());
        }
        if (plan.rule.proceeds()) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    e.getMessage() + "; it is done all the same, unprotected (crosscut.idempotency.route."
                            + plan.rule.name() + ".on-store-failure)");
            exchange.put(Key.IDEMPOTENCY, "unprotected");
            return Decision.proceed();
        }
        return answer(exchange, "unavailable", Problems.unavailable());
    }

    @Override
    public Decision settle(Exchange exchange, Outcome outcome) {
        Plan plan = exchange.get(PLAN).orElse(null);
        IdempotentRun run = plan == null ? null : plan.run;
        return plan == null || run == null ? Decision.proceed() : settled(exchange, plan, run, outcome);
    }

    @Override
    public CompletionStage<Decision> settleAsync(Exchange exchange, Outcome outcome) {
        Plan plan = exchange.get(PLAN).orElse(null);
        IdempotentRun run = plan == null ? null : plan.run;
        return plan == null || run == null
                ? CompletableFuture.completedFuture(Decision.proceed())
                : engine.async(() -> settled(exchange, plan, run, outcome));
    }

    /** Where this fails, the work may have been done, and is neither stored nor going on: its lease is left to run out. */
    private Decision settled(Exchange exchange, Plan plan, IdempotentRun run, Outcome outcome) {
        try {
            return concluded(exchange, plan, run, outcome);
        } catch (RuntimeException | Error e) {
            run.leave();
            throw e;
        }
    }

    private Decision concluded(Exchange exchange, Plan plan, IdempotentRun run, Outcome outcome) {
        if (outcome instanceof Outcome.Answered) {
            run.release(); // by a guard after this one: the handler did not run
            return Decision.proceed();
        }
        if (outcome instanceof Outcome.Cancelled || isTimeout(outcome)) {
            run.leave();
            return Decision.proceed();
        }
        boolean isFailed = outcome instanceof Outcome.Failed || outcome.status().orElse(0) >= 500;
        Statuses.Fate fate =
                isFailed && run.isEffectless() ? Statuses.Fate.RELEASE : plan.protocol.fate(outcome, plan.rule);
        if (fate == Statuses.Fate.RELEASE) {
            run.release();
            return Decision.proceed();
        }
        if (fate == Statuses.Fate.GIVE_UP) {
            run.giveUp();
            return Decision.proceed();
        }
        Protocol.Kept kept = plan.protocol.kept(exchange, outcome, plan.rule);
        if (kept.kind != Kind.TOMBSTONE
                && kept.content.length > plan.rule.policy().maxOutcome()) {
            kept = Problems.tombstone("its outcome has " + kept.content.length + " bytes, and at most "
                    + plan.rule.policy().maxOutcome() + " are kept (crosscut.idempotency.max-outcome)");
        }
        return run.complete(kept.kind, kept.content) == Completion.LOST
                ? lost(exchange, plan, run)
                : Decision.proceed();
    }

    /** Whoever waited for the handler has lost patience with it, and it may still be at work. */
    private static boolean isTimeout(Outcome outcome) {
        return outcome instanceof Outcome.Failed failed && failed.error() instanceof TimeoutException;
    }

    /** The client gets what it would get from now on, which is not what was done here. */
    private Decision lost(Exchange exchange, Plan plan, IdempotentRun run) {
        Decision decision;
        try {
            decision = engine.find(run.request())
                    .map(replay -> replayed(exchange, plan, replay))
                    .orElseGet(() -> Decision.answer(Problems.conflict(Duration.ZERO)));
        } catch (IdempotencyException e) {
            decision = Decision.answer(Problems.conflict(Duration.ZERO));
        }
        exchange.put(Key.IDEMPOTENCY, "lost");
        return decision;
    }
}
