package ibrik.bench;

/// A ratio of two times that is to stay above a floor.
///
/// @param name in the floors file
/// @param make opens both ways
record GuardCheck(String name, Opener make) {
  /// Opens both ways.
  interface Opener {
    Pair open();
  }

  /// Two ways that are open: what is compared with, and what is guarded.
  ///
  /// @param yardstick a roof, a composition, the eager step
  /// @param guarded what must not become slower
  record Pair(Turns.Run yardstick, Turns.Run guarded, Runnable resources) implements AutoCloseable {
    @Override
    public void close() {
      resources.run();
    }
  }

  /// Times of the yardstick over times of what is guarded: larger is better.
  Turns.Ratio measure(Turns.Budget budget) {
    try (Pair pair = make.open()) {
      return Turns.measure(pair.yardstick, pair.guarded, budget);
    }
  }
}
