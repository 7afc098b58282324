package dev.crosscut.house;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import javax.xml.xpath.XPathConstants;
import javax.xml.xpath.XPathExpressionException;
import javax.xml.xpath.XPathFactory;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/** A pom as it is written, before Maven adds what is inherited. */
record Pom(Path file, Document document) {
    static Pom read(Path file) {
        try (var in = Files.newInputStream(file)) {
            return new Pom(
                    file,
                    DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(in));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (ParserConfigurationException | SAXException e) {
            throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
        }
    }

    /** The text of each element at the path, which starts below {@code <project>}. */
    List<String> texts(String path) {
        try {
            NodeList nodes = (NodeList) XPathFactory.newInstance()
                    .newXPath()
                    .evaluate("/project/" + path, document, XPathConstants.NODESET);
            return IntStream.range(0, nodes.getLength())
                    .mapToObj(i -> nodes.item(i).getTextContent().strip())
                    .toList();
        } catch (XPathExpressionException e) {
            throw new IllegalArgumentException(path, e);
        }
    }

    /** The text of the one element at the path, or the empty string. */
    String text(String path) {
        List<String> texts = texts(path);
        if (texts.size() > 1) {
            throw new IllegalStateException(file + ": " + texts.size() + " elements at " + path);
        }
        return texts.isEmpty() ? "" : texts.get(0);
    }

    /** The artifacts of ours among the dependencies at the path. */
    List<String> ours(String path) {
        return texts(path + "/dependency[groupId='dev.crosscut']/artifactId");
    }
}
