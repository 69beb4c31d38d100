package ibrik.bench.peers;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/// The same work by this project and by its peers.
///
/// @param bench what is done
/// @param size its shapes
/// @param tolerance how far results may be apart, as a part of the largest
/// @param ours opens this project's side
/// @param peers open the others, by name
record Contest(
    String bench,
    String size,
    double tolerance,
    Supplier<Side> ours,
    Map<String, Supplier<Side>> peers) {
  /// Copies; the order stays.
  Contest {
    peers = new LinkedHashMap<>(peers);
  }

  Contest(String bench, String size, double tolerance, Supplier<Side> ours) {
    this(bench, size, tolerance, ours, Map.of());
  }

  /// The same with one peer more.
  Contest with(String peer, Supplier<Side> side) {
    Contest more = new Contest(bench, size, tolerance, ours, peers);
    more.peers.put(peer, side);
    return more;
  }
}
