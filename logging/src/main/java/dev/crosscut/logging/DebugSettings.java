package dev.crosscut.logging;

import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Setting;
import dev.crosscut.core.Settings;
import java.util.List;

/** What is put into the MDC. */
final class DebugSettings {

    static final Setting<Boolean> MDC = Setting.flag(
                    "crosscut.logging.mdc",
                    "Whether `correlation_id`, `trace_id` and `span_id` of the current exchange are put into SLF4J's MDC,"
                            + " for code that reads it. Lines have them in any case.")
            .or(false);

    private DebugSettings() {}

    static List<Setting<?>> all() {
        return List.of(MDC);
    }

    /** Adds what the settings ask for. */
    static void install(Crosscut.Builder builder, Settings settings) {
        if (settings.get(MDC)) {
            builder.binding(new MdcMirror());
        }
    }
}
