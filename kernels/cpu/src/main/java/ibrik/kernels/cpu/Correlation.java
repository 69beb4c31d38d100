package ibrik.kernels.cpu;

import java.lang.foreign.MemorySegment;
import java.util.List;

/// The direct convolution both forward and backward-data are made of: slides a set of taps over
/// zero-padded images and writes a strided grid of outputs.
///
/// ```
/// out[n, i*outStepY + outY, j*outStepX + outX, o] =
///     sum over taps t, channels e of  in[n, i*stepY + dy(t), j*stepX + dx(t), e] * packed[t, e, o]
/// ```
///
/// Each task copies what it needs, some images or some rows of one, into a padded buffer and runs
/// tiles over it whose rows are its outputs in order, whatever row or image they belong to; no
/// patch matrix is ever made. Neighbouring taps whose inputs are contiguous are fused into one run.
/// Weights are gone through in blocks of runs that stay in the cache for all tiles of the task; the
/// blocks are added to the output in order. Where there are few tasks, panels are shared out, too.
///
/// @param inHeight rows of an input image
/// @param inWidth columns of an input image
/// @param inChannels channels of an input image
/// @param channelStart first channel that the taps read
/// @param channels channels that each tap reads
/// @param tapY row offset of each tap, ascending tap by tap within its row
/// @param tapX column offset of each tap
/// @param stepY input rows between outputs
/// @param stepX input columns between outputs
/// @param rows output rows
/// @param columns output columns
record Correlation(
    int inHeight,
    int inWidth,
    int inChannels,
    int channelStart,
    int channels,
    int[] tapY,
    int[] tapX,
    int stepY,
    int stepX,
    int rows,
    int columns) {
  /// Where the outputs of one image go, in floats.
  ///
  /// @param data output storage
  /// @param image between images
  /// @param first of the first output
  /// @param row between output rows
  /// @param column between output columns
  record Target(MemorySegment data, long image, long first, long row, long column) {}

  /// Multiplications per task, so that a task is worth handing to a thread.
  private static final long TASK = 1 << 20;

  /// Outputs per task, at least, where the window allows it: all weights pass once per task, which
  /// is only worth it for several tiles.
  private static final int PIXELS = 64;

  /// Bytes of padded images per task: they stay in the second-level cache.
  private static final long WINDOW = 256 << 10;

  /// Bytes of weights per block, at most, unless one run has more.
  private static final long WEIGHTS = 320 << 10;

  /// Tasks that are enough to keep all threads busy.
  private static final int MANY_TASKS = 16;

  /// Runs over `images` images.
  ///
  /// @param packed weights, panel by panel: row `tap * channels + e` holds the panel's columns
  void run(
      CpuPool pool,
      int images,
      MemorySegment in,
      List<Panel> panels,
      MemorySegment packed,
      Target out) {
    if (rows <= 0 || columns <= 0 || images == 0) {
      return;
    }
    long perRow = (long) columns * tapY.length * channels * outs(panels);
    int rowsPerTask = Math.ceilDiv(rows, Math.ceilDiv(rows, rowsPerTask(perRow)));
    int blocks = Math.ceilDiv(rows, rowsPerTask);
    // Small images: several per task.
    long wanted = Math.max(TASK / Math.max(perRow * rows, 1), PIXELS / ((long) rows * columns));
    long most = Math.min(wanted, WINDOW / windowBytes(rows));
    int imagesPerTask = blocks > 1 ? 1 : Math.clamp(most, 1, images);
    int windows = Math.ceilDiv(images, imagesPerTask) * blocks;
    int panelBlocks = Math.clamp(MANY_TASKS / windows, 1, panels.size());
    Runs runs = Runs.of(tapY, tapX, min(tapY), min(tapX), width(), channels);
    long window = windowBytes(rowsPerTask);
    long[] inPixel = inPixels(imagesPerTask, rowsPerTask);
    long[] outPixel = outPixels(imagesPerTask, rowsPerTask, out);
    pool.run(
        windows * panelBlocks,
        task -> {
          int place = task / panelBlocks;
          int first = place / blocks * imagesPerTask;
          int count = Math.min(imagesPerTask, images - first);
          int top = place % blocks * rowsPerTask;
          int height = Math.min(rowsPerTask, rows - top);
          MemorySegment padded = Scratch.floats(Scratch.Slot.IMAGE, imagesPerTask * window / 4);
          for (int n = 0; n < count; n++) {
            pad(in, first + n, top, height, padded.asSlice(n * window));
          }
          long shift = first * out.image + out.first + top * out.row;
          List<Panel> own = share(panels, task % panelBlocks, panelBlocks);
          Tile.Place to = new Tile.Place(out.data, outPixel, 0, shift * 4);
          tiles(count * height * columns, padded, inPixel, runs, own, packed, to);
        });
  }

  /// Rows of one image that a task takes on: some tiles, if the cache has room for their inputs.
  private int rowsPerTask(long perRow) {
    int enough = Math.clamp(TASK / Math.max(perRow, 1), 1, rows);
    int tall = Math.min(Math.ceilDiv(PIXELS, columns), rows);
    while (tall > enough && windowBytes(tall) > WINDOW) {
      tall--;
    }
    return Math.max(enough, tall);
  }

  private static List<Panel> share(List<Panel> panels, int part, int parts) {
    int size = panels.size();
    return panels.subList(size * part / parts, size * (part + 1) / parts);
  }

  private static int outs(List<Panel> panels) {
    return panels.getLast().start() + panels.getLast().columns();
  }

  private static int min(int[] values) {
    int least = values[0];
    for (int value : values) {
      least = Math.min(least, value);
    }
    return least;
  }

  private static int max(int[] values) {
    int most = values[0];
    for (int value : values) {
      most = Math.max(most, value);
    }
    return most;
  }

  /// Input columns that a row of outputs touches.
  private int width() {
    return (columns - 1) * stepX + max(tapX) - min(tapX) + 1;
  }

  /// Bytes of the inputs that `count` rows of outputs touch.
  private long windowBytes(int count) {
    return (long) ((count - 1) * stepY + max(tapY) - min(tapY) + 1) * width() * channels * 4;
  }

  /// Where the inputs of each output begin in the padded buffer, in bytes, for whole tiles.
  private long[] inPixels(int images, int height) {
    long window = windowBytes(height);
    long row = (long) stepY * width() * channels * 4;
    return pixels(images, height, window, row, (long) stepX * channels * 4);
  }

  private long[] outPixels(int images, int height, Target out) {
    return pixels(images, height, out.image * 4, out.row * 4, out.column * 4);
  }

  private long[] pixels(int images, int height, long image, long row, long column) {
    int count = images * height * columns;
    long[] pixels = Tile.rows(count, 0);
    for (int i = 0; i < pixels.length; i++) {
      int at = Math.min(i, count - 1);
      pixels[i] =
          at / (height * columns) * image + at / columns % height * row + at % columns * column;
    }
    return pixels;
  }

  /// Copies the inputs of outputs `top ... top+height-1` of image `n`.
  private void pad(MemorySegment in, int n, int top, int height, MemorySegment to) {
    int y0 = top * stepY + min(tapY);
    int x0 = min(tapX);
    Padding.copy(
        in,
        (long) n * inHeight * inWidth * inChannels,
        inHeight,
        inWidth,
        inChannels,
        channelStart,
        channels,
        to,
        y0,
        (top + height - 1) * stepY + max(tapY) + 1,
        x0,
        x0 + width());
  }

  /// Computes `pixels` outputs of all panels.
  private void tiles(
      int pixels,
      MemorySegment padded,
      long[] inPixel,
      Runs runs,
      List<Panel> panels,
      MemorySegment packed,
      Tile.Place place) {
    int depth = tapY.length * channels;
    for (Panel panel : panels) {
      long bStep = panel.paddedColumns() * 4L;
      long[] bOff = new long[runs.offsets().length];
      for (int t = 0; t < bOff.length; t++) {
        bOff[t] = (long) t * runs.length() * bStep;
      }
      Tile operands = new Tiles.Operands(padded, inPixel, runs.offsets(), packed, bOff);
      long panelStart = (long) panel.start() * depth * 4;
      long shift = place.shift() + panel.start() * 4L;
      int tileRows = Tile.rows(panel.vectors());
      int perBlock = Math.clamp(WEIGHTS / (runs.length() * bStep), 1, bOff.length);
      for (int from = 0; from < bOff.length; from += perBlock) {
        boolean add = from > 0;
        for (int pixel = 0; pixel < pixels; pixel += tileRows) {
          // Where nothing is added to, the last tile repeats outputs of its neighbour.
          int first = add || pixels < tileRows ? pixel : Math.min(pixel, pixels - tileRows);
          TileSink.run(
              panel,
              operands,
              first,
              new Tile.Place(place.c(), place.cRow(), first, shift),
              0,
              panelStart,
              from,
              Math.min(from + perBlock, bOff.length),
              runs.length(),
              0,
              Math.min(tileRows, pixels - first),
              add);
        }
      }
    }
  }

  /// Consecutive inputs of the taps: `offsets.length` runs of `length` floats, offsets in bytes.
  private record Runs(long[] offsets, int length) {
    static Runs of(int[] tapY, int[] tapX, int y0, int x0, int width, int channels) {
      // A run is one part of a tap's channels, at least; all of them, if they are not very many.
      int parts = Math.max(1, Math.ceilDiv(channels, Tiles.STEPS));
      while (channels % parts != 0) {
        parts++;
      }
      int part = channels / parts;
      int taps = tapY.length * parts;
      long[] single = new long[taps];
      for (int t = 0; t < taps; t++) {
        int tap = t / parts;
        long pixel = (long) (tapY[tap] - y0) * width + (tapX[tap] - x0);
        single[t] = (pixel * channels + (long) t % parts * part) * 4;
      }
      // The longest equal groups that are contiguous in memory.
      int group = 1;
      while (group < taps && taps % (group + 1) == 0 && contiguous(single, group + 1, part)) {
        group++;
      }
      for (int size = taps; size > group; size--) {
        if (taps % size == 0 && contiguous(single, size, part)) {
          group = size;
        }
      }
      long[] offsets = new long[taps / group];
      for (int i = 0; i < offsets.length; i++) {
        offsets[i] = single[i * group];
      }
      return new Runs(offsets, group * part);
    }

    private static boolean contiguous(long[] single, int group, int part) {
      if ((long) group * part > Tiles.STEPS) {
        return false;
      }
      for (int t = 0; t < single.length; t++) {
        if (t % group != 0 && single[t] != single[t - 1] + part * 4L) {
          return false;
        }
      }
      return true;
    }
  }
}
