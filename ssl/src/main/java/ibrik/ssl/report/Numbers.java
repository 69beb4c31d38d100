package ibrik.ssl.report;

import java.util.Locale;

/// Numbers as a reader sees them.
public final class Numbers {
  /// Stands where there is no number.
  public static final String NONE = "–";

  private static final char THIN = '\u202f'; // narrow no-break space

  private Numbers() {}

  /// A fraction as percent with one decimal: `83.2 %`.
  public static String percent(double fraction) {
    return Double.isFinite(fraction) ? fixed(100 * fraction, 1) + THIN + "%" : NONE;
  }

  /// A difference of fractions in percentage points without sign: `6.1 points`.
  public static String points(double difference) {
    String points = fixed(Math.abs(100 * difference), 1);
    return points + (points.equals("1.0") ? " point" : " points");
  }

  /// Whole numbers with thousands apart: `12,345`.
  public static String count(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  /// About four digits that matter: `0.01234`, `12.34`, `1234`, `1.234e-7`.
  public static String brief(double value) {
    if (!Double.isFinite(value)) {
      return Double.isNaN(value) ? NONE : value > 0 ? "infinite" : "-infinite";
    }
    double size = Math.abs(value);
    if (value == Math.rint(value) && size < 1e6) {
      return count((long) value);
    }
    if (size < 1e-4 || size >= 1e6) {
      return scientific(value);
    }
    int decimals = 3 - (int) Math.floor(Math.log10(size));
    return trimmed(fixed(value, Math.max(0, decimals)));
  }

  /// `1.234e-7`.
  private static String scientific(double value) {
    String[] parts = String.format(Locale.ROOT, "%.3e", value).split("e");
    return trimmed(parts[0]) + "e" + Integer.parseInt(parts[1]);
  }

  private static String trimmed(String number) {
    return number.contains(".") ? number.replaceFirst("\\.?0+$", "") : number;
  }

  /// With `decimals` digits after the point; no minus before a zero.
  public static String fixed(double value, int decimals) {
    String text = String.format(Locale.ROOT, "%,." + decimals + "f", value);
    return text.matches("-0(\\.0*)?") ? text.substring(1) : text;
  }

  /// `3.4 s`, `4 min 12 s`, `2 h 5 min`.
  public static String duration(double seconds) {
    if (!Double.isFinite(seconds) || seconds < 0) {
      return NONE;
    }
    long whole = Math.round(seconds);
    if (whole < 60) {
      return fixed(seconds, seconds < 10 ? 1 : 0) + " s";
    }
    return whole < 3600
        ? whole / 60 + " min " + whole % 60 + " s"
        : count(whole / 3600) + " h " + whole % 3600 / 60 + " min";
  }

  /// A name of a JSON key as words: `tau_base` is `Tau base`.
  public static String words(String key) {
    String words = key.replace('_', ' ').strip();
    return words.isEmpty()
        ? key
        : words.substring(0, 1).toUpperCase(Locale.ROOT) + words.substring(1);
  }
}
