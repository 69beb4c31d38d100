package ibrik.tensor.op;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// What was drawn for one view of [ImageOp.Augment]: a row of [#COLUMNS] floats, in this order.
///
/// @param top first row of the window; may lie outside the image
/// @param left first column of the window
/// @param height rows of the window, at least 1
/// @param width columns of the window, at least 1
/// @param flip whether the view is mirrored left to right; any number but 0
/// @param order the changes of colour in their order, two bits each, the first in the lowest: 0
///   brightness, 1 contrast, 2 saturation, 3 hue; below 0: none of them
/// @param brightness what brightness adds ([ImageOp.Jitter#BYOL]) or multiplies by
/// @param contrast factor of contrast; 1 changes nothing
/// @param saturation factor of saturation; 1 changes nothing
/// @param hue by how much hue turns, in turns of the hue circle, -0.5 to 0.5; 0 changes nothing
/// @param gray whether colour is dropped; any number but 0
/// @param sigma deviation of the blur, pixels; below 0: no blur
/// @param threshold values from here up are inverted; [#NO_SOLARIZE]: none
public record ViewParameters(
    int top,
    int left,
    int height,
    int width,
    boolean flip,
    int order,
    float brightness,
    float contrast,
    float saturation,
    float hue,
    boolean gray,
    float sigma,
    float threshold) {
  /// Floats of a row.
  public static final int COLUMNS = 13;

  /// No value reaches it.
  public static final float NO_SOLARIZE = 2;

  /// Neither sides nor places of windows lie further out, pixels.
  public static final int MOST = 1 << 15;

  private static final int CHANGES = 4;

  /// A window as it is.
  public static ViewParameters window(int top, int left, int height, int width) {
    return new ViewParameters(
        top, left, height, width, false, -1, 0, 1, 1, 0, false, -1, NO_SOLARIZE);
  }

  /// The order of changes, as [#order] codes it.
  public static int order(int first, int second, int third, int fourth) {
    return first | second << 2 | third << 4 | fourth << 6;
  }

  /// How many changes of colour there are.
  public int changes() {
    return order < 0 ? 0 : CHANGES;
  }

  /// Change number `index`: 0 brightness, 1 contrast, 2 saturation, 3 hue.
  public int change(int index) {
    return order >> (2 * index) & 3;
  }

  /// Row `view` of `rows`, f32 `[N, COLUMNS]`.
  ///
  /// @throws IllegalArgumentException if a number is not finite, hue turns by more than half, or
  ///   the window is empty or lies more than [#MOST] pixels away
  public static ViewParameters read(MemorySegment rows, long view) {
    for (int i = 0; i < COLUMNS; i++) {
      if (!Float.isFinite(get(rows, view, i))) {
        throw new IllegalArgumentException(
            "[augment] parameters must be finite; got "
                + get(rows, view, i)
                + " in column "
                + i
                + " of view "
                + view);
      }
    }
    if (Math.abs(get(rows, view, 9)) > 0.5f) {
      throw new IllegalArgumentException(
          "[augment] hue must turn by -0.5 to 0.5; got " + get(rows, view, 9) + " in view " + view);
    }
    int top = (int) get(rows, view, 0);
    int left = (int) get(rows, view, 1);
    int height = (int) get(rows, view, 2);
    int width = (int) get(rows, view, 3);
    if (height < 1
        || width < 1
        || height > MOST
        || width > MOST
        || Math.abs((long) top) > MOST
        || Math.abs((long) left) > MOST) {
      throw new IllegalArgumentException(
          "[augment] windows must have 1 to "
              + MOST
              + " rows and columns and start at most as far away; got "
              + height
              + "x"
              + width
              + " at ("
              + top
              + ", "
              + left
              + ") in view "
              + view);
    }
    return new ViewParameters(
        top,
        left,
        height,
        width,
        get(rows, view, 4) != 0,
        (int) get(rows, view, 5),
        get(rows, view, 6),
        get(rows, view, 7),
        get(rows, view, 8),
        get(rows, view, 9),
        get(rows, view, 10) != 0,
        get(rows, view, 11),
        get(rows, view, 12));
  }

  private static float get(MemorySegment rows, long view, int column) {
    return rows.get(ValueLayout.JAVA_FLOAT_UNALIGNED, (view * COLUMNS + column) * Float.BYTES);
  }

  /// Writes row `view` of `rows`.
  public void write(MemorySegment rows, long view) {
    set(rows, view, 0, top);
    set(rows, view, 1, left);
    set(rows, view, 2, height);
    set(rows, view, 3, width);
    set(rows, view, 4, flip ? 1 : 0);
    set(rows, view, 5, order);
    set(rows, view, 6, brightness);
    set(rows, view, 7, contrast);
    set(rows, view, 8, saturation);
    set(rows, view, 9, hue);
    set(rows, view, 10, gray ? 1 : 0);
    set(rows, view, 11, sigma);
    set(rows, view, 12, threshold);
  }

  private static void set(MemorySegment rows, long view, int column, float value) {
    rows.set(ValueLayout.JAVA_FLOAT_UNALIGNED, (view * COLUMNS + column) * Float.BYTES, value);
  }
}
