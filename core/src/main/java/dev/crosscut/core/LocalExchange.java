package dev.crosscut.core;

/** Work inside the service: a job, a method. */
final class LocalExchange extends Exchange {

    private final String name;

    LocalExchange(String name) {
        super(Kind.LOCAL);
        if (name.isBlank()) {
            throw new IllegalArgumentException("a unit of work needs a name; expected text such as nightly-report");
        }
        this.name = name;
    }

    @Override
    public String protocol() {
        return "local";
    }

    @Override
    public String operation() {
        return name;
    }
}
