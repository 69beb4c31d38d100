package ibrik.tensor;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/// The extent of a tensor along each axis, row-major: the last axis is contiguous. Rank 0 is a
/// scalar with one element; an extent of 0 makes an empty tensor. Immutable.
public final class Shape {
  /// Largest rank that ops accept.
  public static final int MAX_RANK = 8;

  private static final Shape SCALAR = new Shape(new long[0]);

  private final long[] dims;
  private final long elems;

  private Shape(long[] dims) {
    this.dims = dims;
    long product = 1;
    for (long dim : dims) {
      product = Math.multiplyExact(product, dim);
    }
    this.elems = product;
  }

  /// A shape of these extents.
  ///
  /// @throws IllegalArgumentException if an extent is negative, the rank exceeds [#MAX_RANK], or
  ///   the element count overflows a `long`
  public static Shape of(long... dims) {
    if (dims.length == 0) {
      return SCALAR;
    }
    if (dims.length > MAX_RANK) {
      throw new IllegalArgumentException(
          "[shape] rank must be at most " + MAX_RANK + "; got " + Arrays.toString(dims));
    }
    for (long dim : dims) {
      if (dim < 0) {
        throw new IllegalArgumentException(
            "[shape] extents must not be negative; got " + Arrays.toString(dims));
      }
    }
    try {
      return new Shape(dims.clone());
    } catch (ArithmeticException overflow) {
      throw new IllegalArgumentException(
          "[shape] element count must fit in a long; got " + Arrays.toString(dims), overflow);
    }
  }

  /// A shape of these extents.
  public static Shape of(List<Long> dims) {
    return of(dims.stream().mapToLong(Long::longValue).toArray());
  }

  /// The shape of a scalar: rank 0, one element.
  public static Shape scalar() {
    return SCALAR;
  }

  /// Number of axes.
  public int rank() {
    return dims.length;
  }

  /// Number of elements.
  public long elems() {
    return elems;
  }

  /// Extent along `axis`; negative axes count from the end.
  public long dim(int axis) {
    return dims[axis(axis)];
  }

  /// The extents as a fresh array.
  public long[] dims() {
    return dims.clone();
  }

  /// `axis` as a non-negative number; negative axes count from the end.
  ///
  /// @throws IllegalArgumentException if the axis does not exist
  public int axis(int axis) {
    int index = axis < 0 ? axis + dims.length : axis;
    if (index < 0 || index >= dims.length) {
      throw new IllegalArgumentException(
          "[shape] axis must be in ["
              + -dims.length
              + ", "
              + (dims.length - 1)
              + "]; got "
              + axis
              + " for "
              + this);
    }
    return index;
  }

  /// Elements between neighbours along each axis.
  public long[] strides() {
    long[] strides = new long[dims.length];
    long stride = 1;
    for (int i = dims.length - 1; i >= 0; i--) {
      strides[i] = stride;
      stride *= Math.max(dims[i], 1);
    }
    return strides;
  }

  /// Elements before `axis`: the product of the extents left of it.
  public long elemsBefore(int axis) {
    return LongStream.of(dims).limit(axis(axis)).reduce(1, Math::multiplyExact);
  }

  /// Elements after `axis`: the product of the extents right of it.
  public long elemsAfter(int axis) {
    return LongStream.of(dims).skip(axis(axis) + 1L).reduce(1, Math::multiplyExact);
  }

  /// This shape with the extent of `axis` replaced.
  public Shape with(int axis, long dim) {
    long[] result = dims.clone();
    result[axis(axis)] = dim;
    return of(result);
  }

  /// This shape without `axis`.
  public Shape without(int axis) {
    int gone = axis(axis);
    long[] result = new long[dims.length - 1];
    for (int i = 0; i < result.length; i++) {
      result[i] = dims[i < gone ? i : i + 1];
    }
    return of(result);
  }

  /// True if `this` can be stretched to `target`: aligned at the last axis, each extent is equal or
  /// 1.
  public boolean broadcastsTo(Shape target) {
    int offset = target.dims.length - dims.length;
    if (offset < 0) {
      return false;
    }
    for (int i = 0; i < dims.length; i++) {
      if (dims[i] != 1 && dims[i] != target.dims[i + offset]) {
        return false;
      }
    }
    return true;
  }

  /// True if some shape exists to which both broadcast.
  public static boolean compatible(Shape a, Shape b) {
    for (int i = 1; i <= Math.min(a.rank(), b.rank()); i++) {
      long da = a.dims[a.rank() - i];
      long db = b.dims[b.rank() - i];
      if (da != db && da != 1 && db != 1) {
        return false;
      }
    }
    return true;
  }

  /// The smallest shape to which both broadcast.
  ///
  /// @throws IllegalArgumentException if there is none
  public static Shape broadcast(Shape a, Shape b) {
    if (!compatible(a, b)) {
      throw new IllegalArgumentException(
          "[broadcast] extents must be equal or 1, aligned at the last axis; got "
              + a
              + " and "
              + b);
    }
    int rank = Math.max(a.rank(), b.rank());
    long[] result = new long[rank];
    for (int i = 1; i <= rank; i++) {
      long da = i <= a.rank() ? a.dims[a.rank() - i] : 1;
      long db = i <= b.rank() ? b.dims[b.rank() - i] : 1;
      result[rank - i] = da == 1 ? db : da;
    }
    return of(result);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Shape shape && Arrays.equals(dims, shape.dims);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(dims);
  }

  @Override
  public String toString() {
    return LongStream.of(dims).mapToObj(Long::toString).collect(Collectors.joining(",", "[", "]"));
  }
}
