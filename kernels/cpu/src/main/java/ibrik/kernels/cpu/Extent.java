package ibrik.kernels.cpu;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// One axis of a convolution.
///
/// @param in inputs
/// @param taps taps of the kernel
/// @param out outputs
/// @param stride inputs between outputs
/// @param pad zeros added at either end
/// @param dilation inputs between taps
record Extent(int in, int taps, int out, int stride, int pad, int dilation) {
  /// An axis that is not there.
  static final Extent NONE = new Extent(1, 1, 1, 1, 0, 1);

  /// From inputs to outputs.
  Sweep forward() {
    int[] places = new int[taps];
    for (int t = 0; t < taps; t++) {
      places[t] = t * dilation - pad;
    }
    return new Sweep(in, places, stride, out);
  }

  /// From outputs back to inputs `start, start + stride, ...`: inputs of one phase - equal `(start
  /// + pad) mod stride` - are reached by the same taps.
  ///
  /// @param taps which taps these are, in the order of the sweep
  record Phase(int start, int[] taps, Sweep sweep) {}

  /// All phases that have inputs. One that no tap reaches has an empty sweep.
  List<Phase> phases() {
    List<Phase> phases = new ArrayList<>();
    for (int start = 0; start < Math.min(stride, in); start++) {
      phases.add(phase(start));
    }
    return phases;
  }

  private Phase phase(int start) {
    int[] numbers = new int[taps];
    int[] places = new int[taps];
    int count = 0;
    // A later tap reads an earlier output.
    for (int t = taps - 1; t >= 0; t--) {
      int place = start + pad - t * dilation;
      if (Math.floorMod(place, stride) == 0) {
        numbers[count] = t;
        places[count++] = Math.floorDiv(place, stride);
      }
    }
    return new Phase(
        start,
        Arrays.copyOf(numbers, count),
        new Sweep(out, Arrays.copyOf(places, count), 1, Math.ceilDiv(in - start, stride)));
  }
}
