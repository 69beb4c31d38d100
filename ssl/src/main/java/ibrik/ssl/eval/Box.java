package ibrik.ssl.eval;

/// A rectangle in continuous image coordinates: pixel columns `x ... x+width`.
///
/// @param x left edge, pixels
/// @param y upper edge, pixels
/// @param width pixels, at least 0
/// @param height pixels, at least 0
public record Box(double x, double y, double width, double height) {
  /// Checks the sizes.
  public Box {
    if (!(width >= 0 && height >= 0)) {
      throw new IllegalArgumentException(
          "[box] width and height must be at least 0; got " + width + " x " + height);
    }
  }

  /// Pixels covered.
  public double area() {
    return width * height;
  }

  /// Pixels covered by both.
  public double intersection(Box other) {
    double w = Math.min(x + width, other.x + other.width) - Math.max(x, other.x);
    double h = Math.min(y + height, other.y + other.height) - Math.max(y, other.y);
    return Math.max(0, w) * Math.max(0, h);
  }

  /// Intersection over union, in [0, 1]; 0 for two empty boxes.
  public double iou(Box other) {
    double both = intersection(other);
    double union = area() + other.area() - both;
    return union > 0 ? both / union : 0;
  }

  /// The box that the VOC devkit means by these numbers: edges belong to it, so each side is one
  /// pixel longer.
  public Box inclusive() {
    return new Box(x, y, width + 1, height + 1);
  }
}
