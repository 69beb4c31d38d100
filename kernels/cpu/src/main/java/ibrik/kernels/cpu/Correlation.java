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
/// Each task copies the rows it needs into a padded buffer and runs tiles of consecutive output
/// columns over it; no patch matrix is ever made. Neighbouring taps whose inputs are contiguous are
/// fused into one run.
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

  /// Packs weights `weight(tap, e, o)` into panels over o; row `tap * channels + e`.
  interface Weights {
    float at(int tap, int channel, int out);
  }

  static MemorySegment pack(
      List<Panel> panels, int taps, int channels, Weights weights, Scratch.Slot slot) {
    int depth = taps * channels;
    Panel last = panels.getLast();
    MemorySegment packed =
        Scratch.floats(slot, Math.max(1, (long) (last.start() + last.paddedColumns()) * depth));
    for (Panel panel : panels) {
      long at = (long) panel.start() * depth * 4;
      int width = panel.paddedColumns();
      for (int tap = 0; tap < taps; tap++) {
        for (int e = 0; e < channels; e++) {
          for (int j = 0; j < width; j++, at += 4) {
            float value = j < panel.columns() ? weights.at(tap, e, panel.start() + j) : 0f;
            packed.set(Lanes.FLOAT, at, value);
          }
        }
      }
    }
    return packed;
  }

  /// Runs over `images` images.
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
    int outs = panels.getLast().start() + panels.getLast().columns();
    long perRow = (long) columns * tapY.length * channels * outs;
    int rowsPerTask = Math.clamp(TASK / Math.max(perRow, 1), 1, rows);
    int blocks = Math.ceilDiv(rows, rowsPerTask);
    // Small images: several per task.
    int imagesPerTask = blocks > 1 ? 1 : Math.clamp(TASK / Math.max(perRow * rows, 1), 1, images);
    int imageBlocks = Math.ceilDiv(images, imagesPerTask);
    pool.run(
        imageBlocks * blocks,
        task -> {
          int first = task / blocks * imagesPerTask;
          int top = task % blocks * rowsPerTask;
          int bottom = Math.min(rows, top + rowsPerTask);
          for (int n = first; n < Math.min(images, first + imagesPerTask); n++) {
            image(n, in, panels, packed, out, top, bottom);
          }
        });
  }

  private static int min(int[] values) {
    int least = Integer.MAX_VALUE;
    for (int value : values) {
      least = Math.min(least, value);
    }
    return least;
  }

  private static int max(int[] values) {
    int most = Integer.MIN_VALUE;
    for (int value : values) {
      most = Math.max(most, value);
    }
    return most;
  }

  private void image(
      int n,
      MemorySegment in,
      List<Panel> panels,
      MemorySegment packed,
      Target out,
      int top,
      int bottom) {
    // The window of input rows and columns that these outputs touch, in unpadded coordinates.
    int y0 = top * stepY + min(tapY);
    int y1 = (bottom - 1) * stepY + max(tapY) + 1;
    int x0 = min(tapX);
    int x1 = (columns - 1) * stepX + max(tapX) + 1;
    int width = x1 - x0;
    int spareRows = Tiles.rows(1) * stepX; // tiles may read past the last column
    long floats = ((long) (y1 - y0) * width + spareRows) * channels;
    MemorySegment padded = Scratch.floats(Scratch.Slot.IMAGE, floats);
    Padding.copy(
        in,
        (long) n * inHeight * inWidth * inChannels,
        inHeight,
        inWidth,
        inChannels,
        channelStart,
        channels,
        padded,
        y0,
        y1,
        x0,
        x1);
    padded
        .asSlice((floats - (long) spareRows * channels) * 4, (long) spareRows * channels * 4)
        .fill((byte) 0);

    Runs runs = Runs.of(tapY, tapX, min(tapY), x0, width, channels);
    int depth = tapY.length * channels;
    for (Panel panel : panels) {
      long bStep = panel.paddedColumns() * 4L;
      long panelStart = (long) panel.start() * depth * 4;
      long[] bOff = new long[runs.offsets().length];
      for (int t = 0; t < bOff.length; t++) {
        bOff[t] = panelStart + (long) t * runs.length() * bStep;
      }
      Tiles.Operands operands =
          new Tiles.Operands(
              padded, runs.offsets(), (long) stepX * channels * 4, 4, packed, bOff, bStep);
      int tileRows = Tiles.rows(panel.vectors());
      for (int i = top; i < bottom; i++) {
        long rowShift = (long) (i - top) * stepY * width * channels * 4;
        long rowOut = ((long) n * out.image + out.first + i * out.row + panel.start()) * 4;
        for (int j = 0; j < columns; j += tileRows) {
          // The last tile overlaps its neighbour rather than running past the edge.
          int column = columns >= tileRows ? Math.min(j, columns - tileRows) : 0;
          TileSink.run(
              panel,
              operands,
              rowShift + (long) column * stepX * channels * 4,
              0,
              0,
              runs.offsets().length,
              runs.length(),
              Math.min(tileRows, columns),
              out.data,
              rowOut + column * out.column * 4,
              out.column * 4,
              false);
        }
      }
    }
  }

  /// Consecutive inputs of the taps: `offsets.length` runs of `length` floats, offsets in bytes.
  private record Runs(long[] offsets, int length) {
    static Runs of(int[] tapY, int[] tapX, int y0, int x0, int width, int channels) {
      int taps = tapY.length;
      long[] single = new long[taps];
      for (int t = 0; t < taps; t++) {
        single[t] = ((long) (tapY[t] - y0) * width + (tapX[t] - x0)) * channels * 4;
      }
      // The longest equal groups of taps that are contiguous in memory.
      int group = 1;
      while (group < taps && taps % (group + 1) == 0 && contiguous(single, group + 1, channels)) {
        group++;
      }
      for (int size = taps; size > group; size--) {
        if (taps % size == 0 && contiguous(single, size, channels)) {
          group = size;
        }
      }
      long[] offsets = new long[taps / group];
      for (int i = 0; i < offsets.length; i++) {
        offsets[i] = single[i * group];
      }
      return new Runs(offsets, group * channels);
    }

    private static boolean contiguous(long[] single, int group, int channels) {
      for (int t = 0; t < single.length; t++) {
        if (t % group != 0 && single[t] != single[t - 1] + channels * 4L) {
          return false;
        }
      }
      return true;
    }
  }
}
