package ibrik.ssl.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// A range of numbers with ticks at round ones.
///
/// @param low number at the start
/// @param high number at the end, above `low`
/// @param step between ticks; unused on a logarithmic axis
/// @param logarithmic whether tenfold steps are equally long; then `low` is above 0
public record Axis(double low, double high, double step, boolean logarithmic) {
  /// About `parts` steps, from a round number at or below `min` to one at or above `max`.
  public static Axis round(double min, double max, int parts) {
    double pad = max > min ? 0 : Math.max(Math.abs(min) * 0.1, 1e-3);
    double step = step((max - min + 2 * pad) / parts);
    double low = Math.floor((min - pad) / step + 1e-9) * step;
    double high = Math.ceil((max + pad) / step - 1e-9) * step;
    return new Axis(low, high, step, false);
  }

  /// Of whole numbers from `min` to `max`, with ticks on whole numbers.
  public static Axis whole(double min, double max, int parts) {
    double pad = max > min ? 0 : 0.5;
    return new Axis(min - pad, max + pad, Math.max(1, step((max - min) / parts)), false);
  }

  /// From the power of ten at or below `min` to that at or above `max`.
  ///
  /// @param min above 0
  public static Axis logarithmic(double min, double max) {
    double low = Math.floor(Math.log10(min) + 1e-9);
    double high = Math.ceil(Math.log10(max) - 1e-9);
    return new Axis(Math.pow(10, low), Math.pow(10, Math.max(high, low + 1)), 1, true);
  }

  /// 1, 2 or 5 times a power of ten, at least `least`.
  private static double step(double least) {
    if (!(least > 0)) {
      return 1;
    }
    double ten = Math.pow(10, Math.floor(Math.log10(least)));
    for (double times : new double[] {1, 2, 5}) {
      if (times * ten >= least * (1 - 1e-9)) {
        return times * ten;
      }
    }
    return 10 * ten;
  }

  /// Where `value` lies: 0 at the start, 1 at the end.
  public double at(double value) {
    return logarithmic
        ? Math.log10(value / low) / Math.log10(high / low)
        : (value - low) / (high - low);
  }

  /// The round numbers, ascending.
  public List<Double> ticks() {
    List<Double> ticks = new ArrayList<>();
    if (logarithmic) {
      long first = (long) Math.ceil(Math.log10(low) - 1e-9);
      long last = (long) Math.floor(Math.log10(high) + 1e-9);
      long stride = Math.max(1, (last - first + 5) / 6); // at most seven
      for (long power = first; power <= last; power += stride) {
        ticks.add(Math.pow(10, power));
      }
    } else {
      long last = (long) Math.floor(high / step + 1e-9);
      for (long i = (long) Math.ceil(low / step - 1e-9); i <= last; i++) {
        ticks.add(i * step);
      }
    }
    return ticks;
  }

  /// A tick as text.
  public String label(double tick) {
    if (logarithmic) {
      long power = Math.round(Math.log10(tick));
      return power >= -2 && power <= 4
          ? Numbers.fixed(tick, (int) Math.max(0, -power))
          : "1e" + power;
    }
    double largest = Math.max(Math.abs(low), Math.abs(high));
    if (largest >= 1e6 || largest < 1e-3) {
      return tick == 0 ? "0" : String.format(Locale.ROOT, "%.1e", tick).replace("e-0", "e-");
    }
    return Numbers.fixed(tick, Math.max(0, (int) Math.ceil(-Math.log10(step) - 1e-9)));
  }
}
