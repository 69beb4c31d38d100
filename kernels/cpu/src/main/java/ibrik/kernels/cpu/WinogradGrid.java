package ibrik.kernels.cpu;

import java.lang.foreign.MemorySegment;

/// How the outputs of a convolution of 3x3 taps are cut into tiles of 4x4: a strip is one row of
/// tiles of one image. Tiles at the right and lower edge may reach beyond the outputs.
///
/// @param images number of images
/// @param rows how taps slide over rows
/// @param columns and over columns
record WinogradGrid(int images, Sweep rows, Sweep columns) {
  /// Outputs of a tile along one axis.
  static final int OUT = 4;

  /// Inputs of a tile along one axis.
  static final int IN = 6;

  /// Products of a tile.
  static final int POINTS = IN * IN;

  /// Floats between the matrices of neighbouring points, so that they do not share a set of the
  /// first-level cache: maps write to all of them by turns.
  static final int GAP = 16;

  /// The windows of `y = conv(x, w)`.
  static WinogradGrid forward(ConvShape d) {
    return new WinogradGrid(d.n(), d.rows().forward(), d.columns().forward());
  }

  /// The windows of `dx`, a convolution of dy with the taps turned round.
  static WinogradGrid backward(ConvShape d) {
    return new WinogradGrid(
        d.n(), d.rows().phases().getFirst().sweep(), d.columns().phases().getFirst().sweep());
  }

  /// Tiles of a strip.
  int tiles() {
    return Math.ceilDiv(columns.out(), OUT);
  }

  /// Strips of an image.
  int height() {
    return Math.ceilDiv(rows.out(), OUT);
  }

  /// Strips of all images.
  int strips() {
    return images * height();
  }

  /// Input columns behind a strip.
  int width() {
    return tiles() * OUT + IN - OUT;
  }

  /// Copies the inputs `[6, width, channels]` of a strip, zeros outside.
  void inputs(int strip, MemorySegment in, int channels, MemorySegment to) {
    long image = (long) (strip / height()) * rows.in() * columns.in() * channels;
    int top = rows.start(strip % height() * OUT);
    int left = columns.start(0);
    copy(in, image, rows.in(), columns.in(), channels, to, top, IN, left, width());
  }

  /// Copies what has the form of the outputs, `[4, 4 * tiles, channels]` of a strip, zeros outside.
  void outputs(int strip, MemorySegment in, int channels, MemorySegment to) {
    long image = (long) (strip / height()) * rows.out() * columns.out() * channels;
    int top = strip % height() * OUT;
    copy(in, image, rows.out(), columns.out(), channels, to, top, OUT, 0, tiles() * OUT);
  }

  private static void copy(
      MemorySegment from,
      long image,
      int height,
      int width,
      int channels,
      MemorySegment to,
      int y,
      int rows,
      int x,
      int columns) {
    Padding.copy(
        from, image, height, width, channels, 0, channels, to, y, y + rows, x, x + columns);
  }
}
