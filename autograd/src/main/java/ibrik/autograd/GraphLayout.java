package ibrik.autograd;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;

/// Puts the boxes of a graph on layers, after Sugiyama, Tagawa and Toda 1981: a box lies below all
/// boxes it reads from; long edges get a point on each layer they cross; layers are ordered so that
/// few edges cross; boxes move sideways toward their neighbours as far as their order allows.
/// Lengths are pixels.
final class GraphLayout {
  /// Width of one character of the monospaced label and of the margin beside it.
  private static final double CHARACTER = 7.3;

  private static final double MARGIN = 10;

  /// Height of a box with two lines of text.
  static final double HEIGHT = 42;

  /// Empty space between boxes of one layer, and between layers.
  private static final double SIDE_GAP = 24;

  private static final double LAYER_GAP = 46;

  /// Distance of two edges at a box.
  private static final double PORT_STEP = 26;

  private static final int SWEEPS = 12;

  private final GraphView.Graph graph;

  /// Places on layers: boxes first, by their numbers, then the points of long edges.
  private final List<Place> places = new ArrayList<>();

  /// For each edge its places from start to end.
  private final List<List<Place>> routes = new ArrayList<>();

  private final List<List<Place>> layers = new ArrayList<>();

  /// A box or a point of a long edge; `x`, `y` is its centre.
  static final class Place {
    final int layer;
    final double width;
    final List<Place> above = new ArrayList<>();
    final List<Place> below = new ArrayList<>();
    double x;
    double y;
    private int order;

    Place(int layer, double width) {
      this.layer = layer;
      this.width = width;
    }
  }

  private GraphLayout(GraphView.Graph graph) {
    this.graph = graph;
  }

  static GraphLayout of(GraphView.Graph graph) {
    GraphLayout layout = new GraphLayout(graph);
    layout.assignLayers();
    layout.routeEdges();
    layout.order();
    layout.place();
    return layout;
  }

  GraphView.Graph graph() {
    return graph;
  }

  Place place(int vertex) {
    return places.get(vertex);
  }

  List<Place> route(int edge) {
    return routes.get(edge);
  }

  /// How far from the centre of its start (`atStart`) or end an edge meets the box: the edges of
  /// one side stand apart, in the order of where they lead.
  double port(int edge, boolean atStart) {
    Place box = atStart ? routes.get(edge).getFirst() : routes.get(edge).getLast();
    List<Integer> side = new ArrayList<>();
    for (int e = 0; e < routes.size(); e++) {
      if ((atStart ? routes.get(e).getFirst() : routes.get(e).getLast()) == box) {
        side.add(e);
      }
    }
    side.sort(
        Comparator.comparingDouble(
            e -> atStart ? routes.get(e).get(1).x : routes.get(e).get(routes.get(e).size() - 2).x));
    double step = Math.min(PORT_STEP, (box.width - 2 * MARGIN) / side.size());
    return (side.indexOf(edge) - (side.size() - 1) / 2.0) * step;
  }

  double width() {
    return places.stream().mapToDouble(p -> p.x + p.width / 2).max().orElse(0);
  }

  double height() {
    return places.stream().mapToDouble(p -> p.y + HEIGHT / 2).max().orElse(0);
  }

  /// An op lies one layer below its lowest input; an input lies just above its first reader.
  private void assignLayers() {
    int count = graph.vertices().size();
    int[] layer = new int[count];
    boolean[] reads = new boolean[count];
    for (GraphView.Edge edge : graph.edges()) {
      reads[edge.to()] = true;
    }
    // Edges are in the order of recording, so an edge's start is final when the edge is seen.
    for (GraphView.Edge edge : graph.edges()) {
      layer[edge.to()] = Math.max(layer[edge.to()], layer[edge.from()] + 1);
    }
    int[] first = new int[count];
    Arrays.fill(first, Integer.MAX_VALUE);
    for (GraphView.Edge edge : graph.edges()) {
      first[edge.from()] = Math.min(first[edge.from()], layer[edge.to()]);
    }
    for (int v = 0; v < count; v++) {
      if (!reads[v] && first[v] < Integer.MAX_VALUE) {
        layer[v] = first[v] - 1;
      }
      GraphView.Vertex vertex = graph.vertices().get(v);
      int characters = Math.max(vertex.title().length(), vertex.detail().length());
      add(new Place(layer[v], characters * CHARACTER + 2 * MARGIN));
    }
  }

  private Place add(Place place) {
    places.add(place);
    while (layers.size() <= place.layer) {
      layers.add(new ArrayList<>());
    }
    layers.get(place.layer).add(place);
    return place;
  }

  private void routeEdges() {
    for (GraphView.Edge edge : graph.edges()) {
      Place end = places.get(edge.to());
      List<Place> route = new ArrayList<>(List.of(places.get(edge.from())));
      while (route.getLast().layer < end.layer - 1) {
        route.add(add(new Place(route.getLast().layer + 1, MARGIN)));
      }
      route.add(end);
      for (int i = 1; i < route.size(); i++) {
        route.get(i - 1).below.add(route.get(i));
        route.get(i).above.add(route.get(i - 1));
      }
      routes.add(route);
    }
  }

  /// Sorts each layer by the mean place of its neighbours, down and up in turns, and keeps the
  /// best.
  private void order() {
    number();
    List<List<Place>> best = copy();
    long fewest = crossings();
    for (int sweep = 0; sweep < SWEEPS && fewest > 0; sweep++) {
      boolean down = sweep % 2 == 0;
      for (List<Place> layer : down ? layers : layers.reversed()) {
        layer.sort(Comparator.comparingDouble(p -> mean(down ? p.above : p.below, p)));
        number(layer);
      }
      long now = crossings();
      if (now < fewest) {
        fewest = now;
        best = copy();
      }
    }
    layers.clear();
    layers.addAll(best);
    number();
  }

  private List<List<Place>> copy() {
    List<List<Place>> copy = new ArrayList<>();
    layers.forEach(layer -> copy.add(new ArrayList<>(layer)));
    return copy;
  }

  private void number() {
    layers.forEach(GraphLayout::number);
  }

  private static void number(List<Place> layer) {
    for (int i = 0; i < layer.size(); i++) {
      layer.get(i).order = i;
    }
  }

  private static double mean(List<Place> neighbours, Place self) {
    return neighbours.stream().mapToInt(p -> p.order).average().orElse(self.order);
  }

  /// Pairs of edges between adjacent layers that cross.
  private long crossings() {
    long crossings = 0;
    for (List<Place> layer : layers) {
      List<Integer> ends = new ArrayList<>();
      for (Place place : layer) {
        List<Integer> mine = new ArrayList<>(place.below.stream().map(p -> p.order).toList());
        Collections.sort(mine);
        for (int end : mine) {
          crossings += ends.stream().filter(other -> other > end).count();
        }
        ends.addAll(mine);
      }
    }
    return crossings;
  }

  private void place() {
    for (int i = 0; i < layers.size(); i++) {
      double x = 0;
      for (Place place : layers.get(i)) {
        place.x = x + place.width / 2;
        place.y = HEIGHT / 2 + i * (HEIGHT + LAYER_GAP);
        x += place.width + SIDE_GAP;
      }
    }
    for (int sweep = 0; sweep < SWEEPS; sweep++) {
      for (List<Place> layer : sweep % 2 == 0 ? layers : layers.reversed()) {
        align(layer);
      }
    }
    double left = places.stream().mapToDouble(p -> p.x - p.width / 2).min().orElse(0);
    places.forEach(p -> p.x -= left);
  }

  /// Moves the boxes of a layer to the mean of their neighbours, or, where they would overlap, as
  /// close to it as their order and widths allow: least squares by pooling adjacent violators.
  private static void align(List<Place> layer) {
    // Subtracting the offset turns "at least a gap apart" into "not decreasing".
    double[] offset = new double[layer.size()];
    record Pool(double sum, int count) {
      double mean() {
        return sum / count;
      }
    }
    List<Pool> pools = new ArrayList<>();
    for (int i = 0; i < layer.size(); i++) {
      Place place = layer.get(i);
      if (i > 0) {
        offset[i] = offset[i - 1] + layer.get(i - 1).width / 2 + SIDE_GAP + place.width / 2;
      }
      double sum = 0;
      for (Place other : place.above) {
        sum += other.x;
      }
      for (Place other : place.below) {
        sum += other.x;
      }
      int count = place.above.size() + place.below.size();
      pools.add(new Pool((count == 0 ? place.x : sum / count) - offset[i], 1));
      while (pools.size() > 1 && pools.get(pools.size() - 2).mean() > pools.getLast().mean()) {
        Pool last = pools.removeLast();
        Pool before = pools.removeLast();
        pools.add(new Pool(before.sum + last.sum, before.count + last.count));
      }
    }
    int at = 0;
    for (Pool pool : pools) {
      for (int i = 0; i < pool.count; i++, at++) {
        layer.get(at).x = pool.mean() + offset[at];
      }
    }
  }
}
