package dev.crosscut.idempotency;

import dev.crosscut.core.Reply;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A reply as bytes: the status, the number of header fields, each with its name, the number of its values and these, in two
 * bytes or modified UTF-8 each; then the body.
 */
final class StoredReply {

    private StoredReply() {}

    static byte[] write(Reply reply) {
        try {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            DataOutputStream out = new DataOutputStream(bytes);
            out.writeShort(reply.status());
            out.writeShort(reply.headers().size());
            for (Map.Entry<String, List<String>> header : reply.headers().entrySet()) {
                out.writeUTF(header.getKey());
                out.writeShort(header.getValue().size());
                for (String value : header.getValue()) {
                    out.writeUTF(value);
                }
            }
            byte[] body = new byte[reply.body().remaining()];
            reply.body().get(body);
            out.write(body);
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new IllegalArgumentException("a header field is longer than 65535 bytes", e);
        }
    }

    static Reply read(byte[] bytes) {
        try {
            DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
            int status = in.readUnsignedShort();
            Map<String, List<String>> headers = new LinkedHashMap<>();
            for (int count = in.readUnsignedShort(); count > 0; count--) {
                String name = in.readUTF();
                List<String> values = new ArrayList<>();
                for (int many = in.readUnsignedShort(); many > 0; many--) {
                    values.add(in.readUTF());
                }
                headers.put(name, values);
            }
            return new Reply(status, headers, ByteBuffer.wrap(in.readAllBytes()));
        } catch (IOException e) {
            throw new UncheckedIOException("the stored reply ends early", e);
        }
    }
}
