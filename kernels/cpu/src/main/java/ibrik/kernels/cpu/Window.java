package ibrik.kernels.cpu;

import java.lang.foreign.MemorySegment;

/// The inputs that some rows of outputs of one frame touch, and where they lie in a padded copy:
/// frame by frame of the taps, row by row, pixel by pixel. Outputs of all frames of all videos are
/// numbered in one run, as images.
record Window(Sweep frames, Sweep rows, Sweep columns) {
  /// Input columns of a row of the copy.
  int width() {
    return columns.width(columns.out());
  }

  /// Taps of all three axes.
  int taps() {
    return frames.taps().length * rows.taps().length * columns.taps().length;
  }

  /// Pixels of the copy behind `height` rows of outputs.
  long pixels(int height) {
    return (long) frames.taps().length * rows.width(height) * width();
  }

  /// The pixel that each tap reads for the first output, counted in a copy of `height` rows of
  /// outputs.
  long[] taps(int height) {
    int[] tapY = rows.taps();
    int[] tapX = columns.taps();
    long[] taps = new long[taps()];
    for (int i = 0; i < taps.length; i++) {
      int t = i / tapX.length / tapY.length;
      int y = tapY[i / tapX.length % tapY.length] - tapY[0];
      int x = tapX[i % tapX.length] - tapX[0];
      taps[i] = ((long) t * rows.width(height) + y) * width() + x;
    }
    return taps;
  }

  /// The input frame behind tap `t` of image `n`, counted over all videos; -1 if it lies outside.
  int frame(int n, int t) {
    int frame = n % frames.out() * frames.step() + frames.taps()[t];
    boolean inside = frame >= 0 && frame < frames.in();
    return inside ? n / frames.out() * frames.in() + frame : -1;
  }

  /// Whether every output reads one input, and none outside: no copy is needed.
  boolean picks() {
    return frames.picks() && rows.picks() && columns.picks();
  }

  /// Whether the input frames of all images follow each other evenly.
  boolean even() {
    return frames.out() * frames.step() == frames.in();
  }

  /// Pixels of an input frame.
  long framePixels() {
    return (long) rows.in() * columns.in();
  }

  /// The input pixel of the first tap of output row `top` of image `n`, where none lies outside.
  long pixel(int n, int top) {
    return frame(n, 0) * framePixels() + (long) rows.start(top) * columns.in() + columns.start(0);
  }

  /// Copies `channels` channels from `start` on of the inputs of outputs `top ... top+height-1` of
  /// image `n`.
  void copy(
      MemorySegment in,
      int inChannels,
      int start,
      int channels,
      int n,
      int top,
      int height,
      MemorySegment to) {
    int y0 = rows.start(top);
    int x0 = columns.taps()[0];
    long floats = (long) rows.width(height) * width() * channels;
    for (int t = 0; t < frames.taps().length; t++) {
      int frame = frame(n, t);
      MemorySegment place = to.asSlice(t * floats * 4, floats * 4);
      if (frame < 0) {
        place.fill((byte) 0);
        continue;
      }
      Padding.copy(
          in,
          frame * framePixels() * inChannels,
          rows.in(),
          columns.in(),
          inChannels,
          start,
          channels,
          place,
          y0,
          y0 + rows.width(height),
          x0,
          x0 + width());
    }
  }

  /// Where the outputs go, in floats.
  ///
  /// @param data output storage
  /// @param video between videos
  /// @param frame between frames of a video
  /// @param first of the first output
  /// @param row between output rows
  /// @param column between output columns
  record Target(MemorySegment data, long video, long frame, long first, long row, long column) {}

  /// Where the outputs of image `n` begin, in floats.
  long at(int n, Target out) {
    return out.first + n / frames.out() * out.video + n % frames.out() * out.frame;
  }
}
