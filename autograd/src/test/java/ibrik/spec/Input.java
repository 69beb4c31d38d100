package ibrik.spec;

import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.op.ViewParameters;
import ibrik.tensor.random.PhiloxStream;

/// How to make one input of a sample.
///
/// @param shape its extents
/// @param kind where its numbers lie
/// @param bound exclusive upper bound of indices; of views the sides of the images
public record Input(Shape shape, Kind kind, int bound) {
  /// Where numbers lie.
  public enum Kind {
    /// Standard normal, but never within 0.05 of zero: away from the kinks of abs, relu and sign.
    NORMAL,
    /// In (0.5, 2).
    POSITIVE,
    /// Distinct by at least 0.01: away from the kinks of max and sorting.
    DISTINCT,
    /// Indices in [0, bound), i32.
    INDEX,
    /// All of -128 ... 127, i8.
    INT8,
    /// All of 0 ... 255, u8.
    BYTE,
    /// Rows of parameters of views: [ViewRows].
    VIEW,
    /// Truth values.
    BOOL,
    /// A random key, i64.
    KEY,
    /// NaN, infinities, zeros of both signs and numbers.
    SPECIAL
  }

  /// Standard normal numbers.
  public static Input normal(long... dims) {
    return new Input(Shape.of(dims), Kind.NORMAL, 0);
  }

  /// Positive numbers.
  public static Input positive(long... dims) {
    return new Input(Shape.of(dims), Kind.POSITIVE, 0);
  }

  /// Distinct numbers.
  public static Input distinct(long... dims) {
    return new Input(Shape.of(dims), Kind.DISTINCT, 0);
  }

  /// Indices below `bound`.
  public static Input indices(int bound, long... dims) {
    return new Input(Shape.of(dims), Kind.INDEX, bound);
  }

  /// Signed bytes.
  public static Input int8(long... dims) {
    return new Input(Shape.of(dims), Kind.INT8, 0);
  }

  /// Bytes.
  public static Input bytes(long... dims) {
    return new Input(Shape.of(dims), Kind.BYTE, 0);
  }

  /// Parameters of `n` views of images of this size.
  public static Input views(long n, int height, int width) {
    Shape rows = Shape.of(n, ViewParameters.COLUMNS);
    return new Input(rows, Kind.VIEW, height * ViewRows.SIDES + width);
  }

  /// Truth values.
  public static Input bool(long... dims) {
    return new Input(Shape.of(dims), Kind.BOOL, 0);
  }

  /// A random key.
  public static Input key() {
    return new Input(Shape.of(2), Kind.KEY, 0);
  }

  /// This input with NaN and infinities in it.
  public Input special() {
    return kind == Kind.NORMAL || kind == Kind.DISTINCT || kind == Kind.POSITIVE
        ? new Input(shape, Kind.SPECIAL, bound)
        : this;
  }

  /// The element type if floats are `floating`.
  public DType dtype(DType floating) {
    return switch (kind) {
      case INDEX -> DType.I32;
      case INT8 -> DType.I8;
      case BYTE -> DType.U8;
      case VIEW -> DType.F32;
      case BOOL -> DType.BOOL;
      case KEY -> DType.I64;
      default -> floating;
    };
  }

  /// The tensor for `seed`.
  public Tensor make(DType floating, Device device, long seed) {
    PhiloxStream random = new PhiloxStream(seed, shape.hashCode());
    if (kind == Kind.VIEW) {
      return ViewRows.make(shape, bound, random).to(device);
    }
    int elems = Math.toIntExact(shape.elems());
    int[] order = random.permutation(elems);
    double[] values = new double[elems];
    for (int i = 0; i < elems; i++) {
      values[i] =
          switch (kind) {
            case NORMAL -> {
              double z = random.nextGaussian();
              yield Math.abs(z) < 0.05 ? Math.copySign(0.05 + Math.abs(z), z) : z;
            }
            case POSITIVE -> 0.5 + 1.5 * random.nextDouble();
            case DISTINCT -> (order[i] - elems / 2.0) * 0.037 + 0.013;
            case INDEX -> random.nextInt(bound);
            case INT8 -> random.nextInt(256) - 128;
            case BYTE -> random.nextInt(256);
            case VIEW -> 0;
            case BOOL -> random.nextInt(2);
            case KEY -> i == 0 ? seed : 7;
            case SPECIAL ->
                switch (i % 7) {
                  case 1 -> Double.NaN;
                  case 3 -> Double.POSITIVE_INFINITY;
                  case 5 -> Double.NEGATIVE_INFINITY;
                  case 6 -> -0.0;
                  default -> random.nextGaussian();
                };
          };
    }
    Tensor wide = Tensor.of(values, elems).reshape(shape);
    return wide.cast(new TensorSpec(dtype(floating), shape).dtype()).to(device);
  }
}
