package dev.crosscut.logging;

import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.crosscut.core.Secret;
import net.logstash.logback.composite.JsonProviders;
import net.logstash.logback.decorate.MapperBuilderDecorator;
import net.logstash.logback.decorate.TokenStreamFactoryBuilderDecorator;
import net.logstash.logback.encoder.LoggingEventCompositeJsonEncoder;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonFactoryBuilder;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.ser.std.ToStringSerializer;

/** The encoder underneath, which no signature of ours shows. */
final class Lines extends LoggingEventCompositeJsonEncoder {

    private interface OfFactory extends TokenStreamFactoryBuilderDecorator<JsonFactory, JsonFactoryBuilder> {}

    private interface OfMapper extends MapperBuilderDecorator<JsonMapper, JsonMapper.Builder> {}

    Lines(ExchangeMdc mdc) {
        JsonProviders<ILoggingEvent> providers = new JsonProviders<>();
        providers.addProvider(new LineProvider(mdc));
        setProviders(providers);
        setLineSeparator("UNIX");
        addDecorator((OfFactory) builder -> builder.characterEscapes(new Texts.Escapes()));
        addDecorator((OfMapper) builder ->
                builder.addModule(new SimpleModule().addSerializer(Secret.class, ToStringSerializer.instance)));
    }
}
