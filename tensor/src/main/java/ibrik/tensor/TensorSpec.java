package ibrik.tensor;

/// What an op needs to know of a tensor before any number exists: element type and shape. Prints as
/// `f32[2,3]`.
///
/// @param dtype element type
/// @param shape extents
public record TensorSpec(DType dtype, Shape shape) {
  /// Bytes of the dense elements.
  public long bytes() {
    return dtype.bytes(shape.elems());
  }

  /// Number of elements.
  public long elems() {
    return shape.elems();
  }

  /// The same element type with another shape.
  public TensorSpec with(Shape other) {
    return new TensorSpec(dtype, other);
  }

  /// The same shape with another element type.
  public TensorSpec with(DType other) {
    return new TensorSpec(other, shape);
  }

  @Override
  public String toString() {
    return dtype.tag() + shape;
  }
}
