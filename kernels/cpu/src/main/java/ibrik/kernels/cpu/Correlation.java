package ibrik.kernels.cpu;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
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
/// patch matrix is ever made. A video is a row of images: an output frame reads one input frame for
/// each of its taps in time, side by side in the buffer. Neighbouring taps whose inputs are
/// contiguous are fused into one run. Weights are gone through in blocks of runs that stay in the
/// cache for all tiles of the task; the blocks are added to the output in order. Where there are
/// few tasks, panels are shared out, too. A kernel of one tap without padding reads images where
/// they lie.
///
/// @param window where taps read
/// @param inChannels channels of an input image
/// @param channelStart first channel that the taps read
/// @param channels channels that each tap reads
record Correlation(Window window, int inChannels, int channelStart, int channels) {
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

  /// Runs over `images` output frames of all videos.
  ///
  /// @param packed weights, panel by panel: row `tap * channels + e` holds the panel's columns
  void run(
      CpuPool pool,
      int images,
      MemorySegment in,
      List<Panel> panels,
      MemorySegment packed,
      Window.Target out) {
    int rows = window.rows().out();
    int columns = window.columns().out();
    if (rows <= 0 || columns <= 0 || images == 0) {
      return;
    }
    long perRow = (long) columns * window.taps() * channels * outs(panels);
    int rowsPerTask = Math.ceilDiv(rows, Math.ceilDiv(rows, rowsPerTask(perRow)));
    int blocks = Math.ceilDiv(rows, rowsPerTask);
    // Small images: several per task, where they follow each other evenly.
    long wanted = Math.max(TASK / Math.max(perRow * rows, 1), PIXELS / ((long) rows * columns));
    long most = Math.min(wanted, WINDOW / windowBytes(rows));
    long image = window.frames().out() == 1 ? out.video() : out.frame();
    boolean direct = window.picks();
    boolean even = image * window.frames().out() == out.video() && (!direct || window.even());
    int imagesPerTask = blocks > 1 || !even ? 1 : Math.clamp(most, 1, images);
    int windows = Math.ceilDiv(images, imagesPerTask) * blocks;
    int panelBlocks = Math.clamp(MANY_TASKS / windows, 1, panels.size());
    long bytes = windowBytes(rowsPerTask);
    Layout full = layout(imagesPerTask, rowsPerTask, image, out, direct);
    // The copy of fewer rows has its frames closer together.
    int rest = rows - (blocks - 1) * rowsPerTask;
    Layout last = rest == rowsPerTask ? full : layout(imagesPerTask, rest, image, out, direct);
    pool.run(
        windows * panelBlocks,
        task -> {
          int place = task / panelBlocks;
          int first = place / blocks * imagesPerTask;
          int count = Math.min(imagesPerTask, images - first);
          int top = place % blocks * rowsPerTask;
          int height = Math.min(rowsPerTask, rows - top);
          MemorySegment inputs = in;
          long start = 0;
          if (direct) {
            start = window.pixel(first, top) * inChannels + channelStart;
          } else {
            inputs = Scratch.floats(Scratch.Slot.IMAGE, imagesPerTask * bytes / 4);
            copy(in, first, count, top, height, inputs);
          }
          long shift = window.at(first, out) + top * out.row();
          List<Panel> own = share(panels, task % panelBlocks, panelBlocks);
          Layout layout = height == rowsPerTask ? full : last;
          if (count < imagesPerTask) {
            layout = layout(count, height, image, out, direct);
          }
          Tile.Place to = new Tile.Place(out.data(), layout.outPixel, 0, shift * 4);
          tiles(count * height * columns, inputs, start * 4, layout, own, packed, to);
        });
  }

  /// Copies what outputs `top ... top+height-1` of `count` images read.
  private void copy(MemorySegment in, int first, int count, int top, int height, MemorySegment to) {
    long bytes = windowBytes(height);
    for (int n = 0; n < count; n++) {
      MemorySegment place = to.asSlice(n * bytes, bytes);
      window.copy(in, inChannels, channelStart, channels, first + n, top, height, place);
    }
  }

  /// Where the inputs and the outputs of each pixel of a task lie, in bytes, for whole tiles.
  private record Layout(long[] inPixel, long[] outPixel, Runs runs) {}

  private Layout layout(int images, int height, long image, Window.Target out, boolean direct) {
    int columns = window.columns().out();
    long pixel = (direct ? inChannels : channels) * 4L;
    int width = direct ? window.columns().in() : window.width();
    long frame =
        direct ? window.frames().step() * window.framePixels() * pixel : windowBytes(height);
    long row = (long) window.rows().step() * width * pixel;
    return new Layout(
        pixels(images, height, frame, row, window.columns().step() * pixel, columns),
        pixels(images, height, image * 4, out.row() * 4, out.column() * 4, columns),
        Runs.of(window.taps(height), channels));
  }

  private static long[] pixels(
      int images, int height, long image, long row, long column, int columns) {
    int count = images * height * columns;
    long[] pixels = Tile.rows(count, 0);
    int at = 0;
    for (int n = 0; n < images; n++) {
      for (int i = 0; i < height; i++) {
        for (int j = 0; j < columns; j++) {
          pixels[at++] = n * image + i * row + j * column;
        }
      }
    }
    // The last tile is filled up with the last pixel.
    Arrays.fill(pixels, count, pixels.length, pixels[count - 1]);
    return pixels;
  }

  /// Rows of one image that a task takes on: some tiles, if the cache has room for their inputs.
  private int rowsPerTask(long perRow) {
    int rows = window.rows().out();
    int enough = Math.clamp(TASK / Math.max(perRow, 1), 1, rows);
    int tall = Math.min(Math.ceilDiv(PIXELS, window.columns().out()), rows);
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

  /// Bytes of the inputs that `count` rows of outputs touch.
  private long windowBytes(int count) {
    return window.pixels(count) * channels * 4;
  }

  /// Computes `pixels` outputs of all panels.
  private void tiles(
      int pixels,
      MemorySegment inputs,
      long start,
      Layout layout,
      List<Panel> panels,
      MemorySegment packed,
      Tile.Place place) {
    int depth = window.taps() * channels;
    Runs runs = layout.runs;
    for (Panel panel : panels) {
      long bStep = panel.paddedColumns() * 4L;
      long[] bOff = new long[runs.offsets().length];
      for (int t = 0; t < bOff.length; t++) {
        bOff[t] = (long) t * runs.length() * bStep;
      }
      Tile operands = new Tiles.Operands(inputs, layout.inPixel, runs.offsets(), packed, bOff);
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
              start,
              panelStart,
              from,
              Math.min(from + perBlock, bOff.length),
              runs.length(),
              Math.min(tileRows, pixels - first),
              add);
        }
      }
    }
  }

  /// Consecutive inputs of the taps: `offsets.length` runs of `length` floats, offsets in bytes.
  private record Runs(long[] offsets, int length) {
    static Runs of(long[] tapPixels, int channels) {
      // A run is one part of a tap's channels, at least; all of them, if they are not very many.
      int parts = Math.max(1, Math.ceilDiv(channels, Tiles.STEPS));
      while (channels % parts != 0) {
        parts++;
      }
      int part = channels / parts;
      int taps = tapPixels.length * parts;
      long[] single = new long[taps];
      for (int t = 0; t < taps; t++) {
        single[t] = (tapPixels[t / parts] * channels + (long) t % parts * part) * 4;
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
