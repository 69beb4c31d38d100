package ibrik.autograd;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import ibrik.autograd.GraphLayout.Place;
import java.util.List;
import java.util.Locale;

/// Writes a graph as DOT or, laid out, as SVG.
final class GraphText {
  private static final String STYLE =
      """
      text { font: 12px monospace; text-anchor: middle; fill: #222 }
      text.title { font-weight: bold }
      text.label { font-size: 10px; text-anchor: start; fill: #777 }
      text.left { text-anchor: end }
      text.label { paint-order: stroke; stroke: #fff; stroke-width: 3px }
      rect { stroke-width: 1.5; rx: 6px; ry: 6px }
      path { fill: none; stroke: #666; stroke-width: 1.3 }
      path.back { stroke: #c62828; stroke-dasharray: 5 4 }
      """;

  /// Around the drawing, and the height of the legend below it.
  private static final double BORDER = 16;

  private static final double LEGEND = 48;

  /// Sideways distance of a backward edge from its forward edge.
  private static final double BESIDE = 9;

  private GraphText() {}

  private static String fill(GraphView.Kind kind) {
    return switch (kind) {
      case PARAMETER -> "#fdebd0";
      case INPUT -> "#e3effb";
      case OP -> "#ffffff";
      case VALUE -> "#d9f2e0";
    };
  }

  private static String stroke(GraphView.Kind kind) {
    return switch (kind) {
      case PARAMETER -> "#c77700";
      case INPUT -> "#3573b9";
      case OP -> "#555555";
      case VALUE -> "#2c8a4b";
    };
  }

  static String dot(GraphView.Graph graph) {
    StringBuilder out = new StringBuilder("digraph tape {\n");
    out.append("  node [shape=box, style=\"rounded,filled\", fontname=monospace];\n");
    for (int i = 0; i < graph.vertices().size(); i++) {
      GraphView.Vertex vertex = graph.vertices().get(i);
      out.append("  n" + i + " [label=\"" + quoted(vertex.title()));
      out.append("\\n" + quoted(vertex.detail()) + "\", tooltip=\"" + quoted(vertex.tooltip()));
      out.append("\", fillcolor=\"" + fill(vertex.kind()));
      out.append("\", color=\"" + stroke(vertex.kind()) + "\"];\n");
    }
    for (GraphView.Edge edge : graph.edges()) {
      out.append("  n" + edge.from() + " -> n" + edge.to());
      out.append(edge.label().isEmpty() ? ";\n" : " [label=\"" + quoted(edge.label()) + "\"];\n");
      if (edge.backward()) {
        out.append("  n" + edge.to() + " -> n" + edge.from());
        out.append(" [style=dashed, color=\"#c62828\", constraint=false];\n");
      }
    }
    return out.append("}\n").toString();
  }

  private static String quoted(String text) {
    return text.replace("\\", "\\\\").replace("\"", "\\\"");
  }

  static String svg(GraphLayout layout) {
    boolean back = layout.graph().edges().stream().anyMatch(GraphView.Edge::backward);
    Legend legend = new Legend(back);
    double width = Math.max(layout.width(), legend.width()) + 2 * BORDER;
    double height = layout.height() + LEGEND + 2 * BORDER;
    StringBuilder out = new StringBuilder();
    out.append("<svg xmlns=\"http://www.w3.org/2000/svg\"");
    out.append(format(" width=\"%.0f\" height=\"%.0f\"", width, height));
    out.append(format(" viewBox=\"0 0 %.0f %.0f\">\n<style>\n", width, height));
    out.append(STYLE).append("</style>\n<defs>\n");
    arrowHead(out, "head", "#666");
    arrowHead(out, "back", "#c62828");
    out.append("</defs>\n<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n");
    // Centred, where the legend is the wider part.
    double shift = BORDER + Math.max(0, legend.width() - layout.width()) / 2;
    out.append(format("<g transform=\"translate(%.1f %.1f)\">\n", shift, BORDER));
    for (int i = 0; i < layout.graph().edges().size(); i++) {
      edge(out, layout, i);
    }
    for (int i = 0; i < layout.graph().vertices().size(); i++) {
      box(out, layout.graph().vertices().get(i), layout.place(i));
    }
    out.append("</g>\n");
    legend.write(out, BORDER, height - BORDER - 12);
    return out.append("</svg>\n").toString();
  }

  private static void arrowHead(StringBuilder out, String id, String color) {
    out.append("<marker id=\"" + id + "\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\"");
    out.append(" markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\">");
    out.append("<polygon points=\"0,0 8,4 0,8\" fill=\"" + color + "\"/></marker>\n");
  }

  private static void box(StringBuilder out, GraphView.Vertex vertex, Place at) {
    out.append("<g class=\"vertex\"><title>" + escaped(vertex.tooltip()) + "</title>");
    rect(out, vertex.kind(), at.x - at.width / 2, at.y - GraphLayout.HEIGHT / 2, at.width);
    out.append(format("<text class=\"title\" x=\"%.1f\" y=\"%.1f\">", at.x, at.y - 4));
    out.append(escaped(vertex.title())).append("</text>");
    out.append(format("<text x=\"%.1f\" y=\"%.1f\">", at.x, at.y + 13));
    out.append(escaped(vertex.detail())).append("</text></g>\n");
  }

  private static void rect(StringBuilder out, GraphView.Kind kind, double x, double y, double w) {
    out.append(format("<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\"", x, y, w));
    out.append(format(" height=\"%.0f\"", GraphLayout.HEIGHT));
    out.append(" fill=\"" + fill(kind) + "\" stroke=\"" + stroke(kind) + "\"/>");
  }

  private static void edge(StringBuilder out, GraphLayout layout, int number) {
    GraphView.Edge edge = layout.graph().edges().get(number);
    List<Place> route = layout.route(number);
    double start = layout.port(number, true);
    double end = layout.port(number, false);
    double aside = edge.backward() ? BESIDE / 2 : 0;
    out.append("<path class=\"edge\" marker-end=\"url(#head)\" d=\"");
    out.append(curve(route, start - aside, end - aside)).append("\"/>\n");
    if (edge.backward()) {
      out.append("<path class=\"back\" marker-end=\"url(#back)\" d=\"");
      out.append(curve(route.reversed(), end + aside, start + aside)).append("\"/>\n");
    }
    if (!edge.label().isEmpty()) {
      // On the outer side of the curve.
      Place from = route.getFirst();
      double along = (route.get(1).x - from.x) * 0.25;
      boolean left = along < 0;
      double x = from.x + start + along + (left ? -6 - aside : 6 + aside);
      double y = from.y + GraphLayout.HEIGHT / 2 + 14;
      out.append("<text class=\"label").append(left ? " left\"" : "\"");
      out.append(format(" x=\"%.1f\" y=\"%.1f\">", x, y));
      out.append(escaped(edge.label())).append("</text>\n");
    }
  }

  /// Vertical where it meets a box or a layer, and smooth between; `start` and `end` are sideways
  /// distances from the centres of the first and last box.
  private static String curve(List<Place> route, double start, double end) {
    boolean down = route.getFirst().y < route.getLast().y;
    double reach = down ? GraphLayout.HEIGHT / 2 : -GraphLayout.HEIGHT / 2;
    double x = route.getFirst().x + start;
    double y = route.getFirst().y + reach;
    StringBuilder path = new StringBuilder(format("M%.1f,%.1f", x, y));
    for (int i = 1; i < route.size(); i++) {
      double aside = start + (end - start) * i / (route.size() - 1);
      double toX = route.get(i).x + aside;
      double top = route.get(i).y - reach;
      double middle = (y + top) / 2;
      path.append(format(" C%.1f,%.1f %.1f,%.1f %.1f,%.1f", x, middle, toX, middle, toX, top));
      x = toX;
      y = top;
      if (i < route.size() - 1) { // straight through the layer
        y = route.get(i).y + reach;
        path.append(format(" L%.1f,%.1f", x, y));
      }
    }
    return path.toString();
  }

  /// What the colours mean.
  private record Legend(boolean back) {
    private static final double STEP = 96;

    double width() {
      return STEP * (back ? 5 : 4);
    }

    void write(StringBuilder out, double x, double y) {
      double at = x;
      for (GraphView.Kind kind : GraphView.Kind.values()) {
        out.append(format("<g class=\"legend\"><rect x=\"%.1f\" y=\"%.1f\"", at, y - 6));
        out.append(" width=\"14\" height=\"12\" fill=\"" + fill(kind));
        out.append("\" stroke=\"" + stroke(kind) + "\"/>");
        word(out, at + 20, y, kind.name().toLowerCase(Locale.ROOT));
        at += STEP;
      }
      if (back) {
        out.append("<g class=\"legend\"><path class=\"back\" marker-end=\"url(#back)\"");
        out.append(format(" d=\"M%.1f,%.1f h22\"/>", at, y));
        word(out, at + 28, y, "gradient");
      }
    }

    private static void word(StringBuilder out, double x, double y, String word) {
      out.append(format("<text class=\"label\" x=\"%.1f\" y=\"%.1f\">", x, y + 4));
      out.append(word).append("</text></g>\n");
    }
  }

  @FormatMethod
  private static String format(@FormatString String pattern, Object... values) {
    return String.format(Locale.ROOT, pattern, values);
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
