package ibrik.autograd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.errorprone.annotations.MustBeClosed;
import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.Variable;
import ibrik.tensor.backend.Backends;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

class GraphViewTest {
  private static Document parse(String svg)
      throws ParserConfigurationException, SAXException, IOException {
    return DocumentBuilderFactory.newDefaultInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(svg)));
  }

  private static List<Element> all(Document svg, String tag, String cssClass) {
    List<Element> found = new ArrayList<>();
    NodeList elements = svg.getElementsByTagName(tag);
    for (int i = 0; i < elements.getLength(); i++) {
      Element element = (Element) elements.item(i);
      if (element.getAttribute("class").equals(cssClass)) {
        found.add(element);
      }
    }
    return found;
  }

  private static Variable variable(String name, long... dims) {
    return Variable.zeros(name, new TensorSpec(DType.F32, Shape.of(dims)), Device.CPU);
  }

  /// Two layers with a residual connection, and the cross-entropy.
  @MustBeClosed
  private static Tape.Run network(
      Tensor x, Tensor labels, Variable first, Variable second, Variable bias) {
    return Tape.record(
        () -> {
          Tensor hidden = x.matMul(first.value()).add(bias.value()).relu();
          Tensor logits = hidden.add(x).matMul(second.value());
          return logits.softmaxCrossEntropy(labels).mean();
        });
  }

  @Test
  void drawsEveryOpAndEveryInput() throws Exception {
    long before = Backends.of(Device.CPU).memory(0).liveBytes();
    try (TensorScope _ = TensorScope.open();
        Variable first = variable("encoder.<0>.weight", 4, 4);
        Variable second = variable("head & \"co\"", 4, 3);
        Variable bias = variable("bias", 4)) {
      Tensor x = Tensor.of(new float[8], 2, 4);
      Tensor labels = Tensor.of(new int[] {0, 2}, 2);
      GraphView view;
      int ops;
      try (Tape.Run run = network(x, labels, first, second, bias)) {
        ops = run.nodes().size();
        view = GraphView.of(run).name(x, "x").name(labels, "labels").withGradients();
      }
      // After the run was closed: names and shapes are all that it needs.
      String text = view.toSvg();
      Files.createDirectories(Path.of("target"));
      Files.writeString(Path.of("target", "graph.svg"), text);
      Document svg = parse(text);
      assertEquals(7, ops);
      List<Element> boxes = all(svg, "g", "vertex");
      assertEquals(ops + 5, boxes.size());
      Set<String> labelled = new HashSet<>();
      for (Element box : boxes) {
        NodeList texts = box.getElementsByTagName("text");
        labelled.add(texts.item(0).getTextContent() + " " + texts.item(1).getTextContent());
      }
      assertEquals(
          Set.of(
              "x f32[2,4]",
              "labels i32[2]",
              "encoder.<0>.weight f32[4,4]",
              "head & \"co\" f32[4,3]",
              "bias f32[4]",
              "mat_mul f32[2,4]",
              "mat_mul f32[2,3]",
              "add f32[2,4]",
              "relu f32[2,4]",
              "softmax_cross_entropy f32[2]",
              "mean f32[]"),
          labelled);
      // Two edges into each binary op, one into relu and mean.
      assertEquals(5 * 2 + 2, all(svg, "path", "edge").size());
      // None to x and to the labels.
      assertEquals(5 * 2 + 2 - 3, all(svg, "path", "back").size() - 1, "one more in the legend");
      assertFalse(text.contains("href"), "refers to something outside");
    }
    assertEquals(before, Backends.of(Device.CPU).memory(0).liveBytes(), "bytes leaked");
  }

  @Test
  void boxesDoNotOverlapAndDataFlowsDown() {
    try (TensorScope _ = TensorScope.open();
        Variable first = variable("first", 4, 4);
        Variable second = variable("second", 4, 3);
        Variable bias = variable("bias", 4)) {
      Tensor x = Tensor.of(new float[8], 2, 4);
      try (Tape.Run run = network(x, Tensor.of(new int[] {0, 2}, 2), first, second, bias)) {
        GraphLayout layout = GraphLayout.of(GraphView.of(run).graph());
        int count = layout.graph().vertices().size();
        for (int i = 0; i < count; i++) {
          GraphLayout.Place a = layout.place(i);
          assertTrue(a.x - a.width / 2 >= -1e-9 && a.x + a.width / 2 <= layout.width() + 1e-9);
          for (int j = 0; j < i; j++) {
            GraphLayout.Place b = layout.place(j);
            assertTrue(
                Math.abs(a.y - b.y) >= GraphLayout.HEIGHT
                    || Math.abs(a.x - b.x) >= (a.width + b.width) / 2,
                layout.graph().vertices().get(i) + " covers " + layout.graph().vertices().get(j));
          }
        }
        for (int e = 0; e < layout.graph().edges().size(); e++) {
          List<GraphLayout.Place> route = layout.route(e);
          for (int i = 1; i < route.size(); i++) {
            assertEquals(route.get(i - 1).layer + 1, route.get(i).layer);
            assertTrue(route.get(i - 1).y < route.get(i).y);
          }
        }
      }
    }
  }

  @Test
  void aTensorReadTwiceIsOneEdge() {
    try (TensorScope _ = TensorScope.open();
        Tape.Run run = Tape.record(() -> Tensor.scalar(3f).mul(2).square().add(1))) {
      assertEquals(4, GraphView.of(run).graph().vertices().size());
      Tensor x = run.nodes().getFirst().in().getFirst();
      try (Tape.Run twice = Tape.record(() -> x.mul(x))) {
        GraphView.Graph graph = GraphView.of(twice).graph();
        assertEquals(List.of(new GraphView.Edge(0, 1, "x2", false)), graph.edges());
      }
    }
  }

  @Test
  void severalOutputsAreTold() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = Tensor.of(new float[] {3, 1, 2, 5, 6, 4}, 2, 3);
      try (Tape.Run run = Tape.record(() -> x.topK(2).getFirst().sum())) {
        GraphView.Graph graph = GraphView.of(run).name(run.value(), "best").graph();
        assertEquals("top_k", graph.vertices().get(1).title());
        assertEquals("f32[2,2] i32[2,2]", graph.vertices().get(1).detail());
        assertEquals("out 0", graph.edges().getLast().label());
        assertEquals("best = sum", graph.vertices().getLast().title());
        assertEquals(GraphView.Kind.VALUE, graph.vertices().getLast().kind());
      }
    }
  }

  @Test
  void dotNamesBoxesAndEdges() {
    try (TensorScope _ = TensorScope.open();
        Variable w = variable("w\"1\"", 2)) {
      try (Tape.Run run = Tape.record(() -> w.value().exp())) {
        String dot = GraphView.of(run).withGradients().toDot();
        assertTrue(dot.startsWith("digraph tape {\n") && dot.endsWith("}\n"), dot);
        assertTrue(dot.contains("n0 [label=\"w\\\"1\\\"\\nf32[2]\", tooltip="), dot);
        assertTrue(dot.contains("n1 [label=\"exp\\nf32[2]\", tooltip=\"Exp[]\""), dot);
        assertTrue(dot.contains("n0 -> n1;\n"), dot);
        assertTrue(dot.contains("n1 -> n0 [style=dashed"), dot);
        assertFalse(GraphView.of(run).toDot().contains("dashed"));
      }
    }
  }

  /// A graph with fan-out, several outputs and long edges.
  @Test
  void aWiderGraphIsDrawn() throws Exception {
    try (TensorScope _ = TensorScope.open();
        Variable w = variable("w", 4, 4);
        Variable b = variable("b", 4)) {
      Tensor x = Tensor.of(new float[8], 2, 4);
      try (Tape.Run run =
          Tape.record(
              () -> {
                Tensor h = x.matMul(w.value()).add(b.value());
                Tensor gate = h.sigmoid().mul(h.tanh()).add(h).mul(b.value());
                List<Tensor> top = gate.topK(2);
                Tensor picked = top.getFirst().mul(top.get(1).cast(DType.F32)).sum();
                return picked.add(h.square().mean()).add(w.value().mul(w.value()).sum());
              })) {
        String text = GraphView.of(run).name(x, "x").withGradients().toSvg();
        Files.writeString(Path.of("target", "graph-wide.svg"), text);
        Document svg = parse(text);
        assertEquals(run.nodes().size() + 3, all(svg, "g", "vertex").size());
        // The indices of top_k carry none, so neither does their cast.
        List<GraphView.Edge> edges = GraphView.of(run).withGradients().graph().edges();
        assertEquals(3, edges.stream().filter(e -> !e.backward()).count());
      }
    }
  }

  @Test
  void aValueThatNothingMadeIsDrawn() throws Exception {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = Tensor.scalar(1f);
      try (Tape.Run run = Tape.record(() -> x)) {
        assertEquals(1, all(parse(GraphView.of(run).toSvg()), "g", "vertex").size());
      }
    }
  }
}
