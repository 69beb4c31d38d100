package ibrik.tensor.io;

import ibrik.tensor.DType;
import ibrik.tensor.Shape;
import ibrik.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/// The text in front of an npy array, a Python dictionary: `{'descr': '<f4', 'fortran_order':
/// False, 'shape': (2, 3), }`.
final class NpyHeader {
  /// NumPy leaves room to rewrite the leading extent with up to this many digits.
  private static final int GROWTH_DIGITS = 21;

  private static final Map<DType, String> DESCR =
      Map.of(
          DType.F64, "<f8",
          DType.F32, "<f4",
          DType.F16, "<f2",
          DType.I64, "<i8",
          DType.I32, "<i4",
          DType.I8, "|i1",
          DType.U8, "|u1",
          DType.BOOL, "|b1");

  private static final Pattern ITEM =
      Pattern.compile(
          "\\s*(?:'(\\w+)'|\"(\\w+)\")\\s*:\\s*"
              + "(?<value>'[^']*'|\"[^\"]*\"|True|False|\\([0-9,\\s]*\\)|\\[.*\\])\\s*(,|\\Z)",
          Pattern.DOTALL);

  private NpyHeader() {}

  /// The dictionary of `spec` and the room NumPy leaves after it.
  ///
  /// @throws IllegalArgumentException if the format has no such element type
  static String write(TensorSpec spec) {
    String descr = DESCR.get(spec.dtype());
    if (descr == null) {
      throw new IllegalArgumentException(
          "[npy] element type must be one of f64 f32 f16 i64 i32 i8 u8 bool; got "
              + spec
              + "; cast it");
    }
    long[] dims = spec.shape().dims();
    String shape =
        LongStream.of(dims)
            .mapToObj(Long::toString)
            .collect(Collectors.joining(", ", "(", dims.length == 1 ? ",)" : ")"));
    String room =
        dims.length == 0 ? "" : " ".repeat(GROWTH_DIGITS - Long.toString(dims[0]).length());
    return "{'descr': '" + descr + "', 'fortran_order': False, 'shape': " + shape + ", }" + room;
  }

  /// Reads the dictionary.
  static TensorSpec read(String header) throws BrokenRule {
    String text = header.strip();
    if (!text.startsWith("{") || !text.endsWith("}")) {
      throw new BrokenRule("the header must be a dictionary; got " + shortened(text));
    }
    String descr = null;
    String order = null;
    String shape = null;
    Matcher item = ITEM.matcher(text.substring(1, text.length() - 1).stripTrailing());
    while (item.lookingAt()) {
      String key = item.group(1) == null ? item.group(2) : item.group(1);
      String value = item.group("value");
      switch (key) {
        case "descr" -> descr = once(key, descr, value);
        case "fortran_order" -> order = once(key, order, value);
        case "shape" -> shape = once(key, shape, value);
        default -> throw new BrokenRule("the header must not have the key " + key);
      }
      item.region(item.end(), item.regionEnd());
    }
    if (item.regionStart() != item.regionEnd() || descr == null || order == null || shape == null) {
      throw new BrokenRule(
          "the header must have the keys descr, fortran_order and shape; got " + shortened(text));
    }
    DType dtype = dtype(descr);
    if (!order.equals("False")) {
      throw new BrokenRule(
          "fortran_order must be False; got "
              + order
              + "; save it with numpy.ascontiguousarray(array)");
    }
    return spec(dtype, shape);
  }

  private static String once(String key, @Nullable String old, String value) throws BrokenRule {
    if (old != null) {
      throw new BrokenRule("the header must not have the key " + key + " twice");
    }
    return value;
  }

  private static DType dtype(String literal) throws BrokenRule {
    if (literal.startsWith("[")) {
      throw new BrokenRule(
          "records are not supported; got " + shortened(literal) + "; save each field by itself");
    }
    String descr = literal.substring(1, literal.length() - 1);
    for (Map.Entry<DType, String> known : DESCR.entrySet()) {
      String name = known.getValue();
      boolean same = name.startsWith("|") && descr.equals("<" + name.substring(1));
      if (same || name.equals(descr)) {
        return known.getKey();
      }
    }
    String fix = "; save it as one of " + DESCR.values().stream().sorted().toList();
    if (descr.startsWith(">")) {
      fix = "; save it with array.astype('<" + descr.substring(1) + "')";
    } else if (descr.startsWith("|O")) {
      fix = ", Python objects; save numbers";
    }
    throw new BrokenRule("element type is not supported; got '" + shortened(descr) + "'" + fix);
  }

  private static TensorSpec spec(DType dtype, String literal) throws BrokenRule {
    if (!literal.matches(
        "\\(\\s*\\)|\\(\\s*\\d+\\s*,\\s*\\)|\\(\\s*\\d+(\\s*,\\s*\\d+)+\\s*,?\\s*\\)")) {
      throw new BrokenRule("shape must be a tuple of numbers >= 0; got " + shortened(literal));
    }
    List<Long> dims = new ArrayList<>();
    try {
      for (String part : literal.substring(1, literal.length() - 1).split(",")) {
        if (!part.isBlank()) {
          dims.add(Long.valueOf(part.strip()));
        }
      }
      TensorSpec spec = new TensorSpec(dtype, Shape.of(dims));
      Math.addExact(spec.bytes(), Integer.MAX_VALUE); // the whole file must be countable too
      return spec;
    } catch (IllegalArgumentException | ArithmeticException refused) {
      BrokenRule broken =
          new BrokenRule(
              "shape must have at most "
                  + Shape.MAX_RANK
                  + " axes and a byte count below 2^63; got "
                  + shortened(literal));
      broken.initCause(refused);
      throw broken;
    }
  }

  private static String shortened(String text) {
    return text.length() <= 80 ? text : text.substring(0, 80) + "...";
  }
}
