package ibrik.bench.peers;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/// The same work by this project and by its peers.
///
/// @param bench what is done
/// @param size its shapes
/// @param tolerance how far results may be apart, as a share of the largest of their part
/// @param parts lengths of parts of the result whose numbers differ in size, such as a loss and its
///     gradients; what follows them is one part more
/// @param ours opens this project's side
/// @param peers open the others, by name
record Contest(
    String bench,
    String size,
    double tolerance,
    List<Integer> parts,
    Supplier<Side> ours,
    Map<String, Supplier<Side>> peers) {
  /// Copies; the order stays.
  Contest {
    parts = List.copyOf(parts);
    peers = new LinkedHashMap<>(peers);
  }

  Contest(String bench, String size, double tolerance, Supplier<Side> ours) {
    this(bench, size, tolerance, List.of(), ours, Map.of());
  }

  /// The same with one peer more.
  Contest with(String peer, Supplier<Side> side) {
    Contest more = new Contest(bench, size, tolerance, parts, ours, peers);
    more.peers.put(peer, side);
    return more;
  }

  /// The same, compared in parts of these lengths.
  Contest parts(List<Integer> lengths) {
    return new Contest(bench, size, tolerance, lengths, ours, peers);
  }
}
