package ibrik.spec;

import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.op.ViewParameters;
import ibrik.tensor.random.PhiloxStream;
import java.lang.foreign.MemorySegment;

/// Parameters of views in turn: every stage alone, all of them, and the ends of their ranges.
final class ViewRows {
  /// Two sides of images in one number: rows times this plus columns.
  static final int SIDES = 1 << 10;

  /// After as many rows every kind has been there.
  static final int KINDS = 14;

  private static final int BRIGHTNESS = ViewParameters.order(0, 0, 0, 0);

  private ViewRows() {}

  static Tensor make(Shape shape, int sides, PhiloxStream random) {
    float[] rows = new float[Math.toIntExact(shape.elems())];
    for (int i = 0; i < shape.dim(0); i++) {
      row(i % KINDS, sides / SIDES, sides % SIDES, random).write(MemorySegment.ofArray(rows), i);
    }
    return Tensor.copyOf(MemorySegment.ofArray(rows), new TensorSpec(DType.F32, shape), Device.CPU);
  }

  private static ViewParameters row(int kind, int height, int width, PhiloxStream random) {
    int h = 1 + random.nextInt(height);
    int w = 1 + random.nextInt(width);
    int top = random.nextInt(height - h + 1);
    int left = random.nextInt(width - w + 1);
    float some = random.nextFloat(-0.4f, 0.4f);
    int[] p = random.permutation(4);
    int order = ViewParameters.order(p[0], p[1], p[2], p[3]);
    float none = ViewParameters.NO_SOLARIZE;
    return switch (kind) {
      case 0 -> ViewParameters.window(top, left, h, w);
      case 1 -> ViewParameters.window(0, 0, height, width);
      case 2 -> ViewParameters.window(-2, 1 - width, height + 3, width + 2);
      case 3 -> ViewParameters.window(height, 0, h, w); // nothing but what lies outside
      case 4 -> new ViewParameters(top, left, h, w, true, -1, 0, 1, 1, 0, false, -1, none);
      case 5 ->
          new ViewParameters(
              0, 0, height, width, false, BRIGHTNESS, some / 2, 1, 1, 0, false, -1, none);
      case 6 ->
          new ViewParameters(top, left, h, w, false, order, 1, 1 + some, 1, 0, false, -1, none);
      case 7 ->
          new ViewParameters(top, left, h, w, false, order, 1, 1, 1 + some, 0, false, -1, none);
      case 8 ->
          new ViewParameters(top, left, h, w, false, order, 0.5f, 1, 1, some, false, -1, none);
      case 9 -> new ViewParameters(top, left, h, w, false, -1, 0, 1, 1, 0, true, -1, none);
      case 10 -> new ViewParameters(top, left, h, w, false, -1, 0, 1, 1, 0, false, 1.3f, none);
      case 11 -> new ViewParameters(top, left, h, w, false, -1, 0, 1, 1, 0, false, -1, 0.5f);
      case 12 ->
          new ViewParameters(
              top, left, h, w, true, order, some, 1 + some, 1 - some, some, true, 0.7f, 0.5f);
      default ->
          new ViewParameters(
              top,
              left,
              h,
              w,
              true,
              order,
              1,
              2,
              0,
              random.nextBoolean(0.5) ? 0.5f : -0.5f,
              false,
              0,
              0);
    };
  }
}
