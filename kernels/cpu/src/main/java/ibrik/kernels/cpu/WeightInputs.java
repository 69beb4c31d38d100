package ibrik.kernels.cpu;

import static ibrik.kernels.cpu.Lanes.BYTES;
import static ibrik.kernels.cpu.Lanes.COUNT;
import static ibrik.kernels.cpu.Lanes.F32;
import static ibrik.kernels.cpu.Lanes.ORDER;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import jdk.incubator.vector.FloatVector;

/// How the inputs of one group lie while its weight gradient is summed up. They are gone through in
/// pieces, some rows of outputs of one frame each.
sealed interface WeightInputs {
  /// Bytes of patches in a piece.
  long PIECE = 128 << 10;

  /// Most vectors in a patch.
  int PATCH = 16;

  /// Floats that tiles may read past the end of a buffer.
  int SLACK = (Tile.MAX_VECTORS + 1) * COUNT;

  /// Inputs that are consecutive for every output: the columns of one kind of tile.
  ///
  /// @param at bytes from the first input of an output
  /// @param floats how many
  /// @param first where they lie in `dw[k]`
  record Strip(long at, int floats, int first) {}

  /// All strips; each is cut into panels alike.
  List<Strip> strips();

  /// Rows of outputs in a piece.
  int rows();

  /// Bytes of a piece.
  long bytes();

  /// Bytes between rows of outputs of a piece.
  long row();

  /// Bytes between outputs of a row.
  long column();

  /// Makes the piece of outputs `top ... top+rows-1` of a frame, in a buffer of [#bytes].
  void make(int frame, int top, int rows, MemorySegment to);

  /// What tiles read if the pieces were made in `buffer`.
  default MemorySegment data(MemorySegment buffer) {
    return buffer;
  }

  /// Where a piece begins, in bytes.
  ///
  /// @param number which one of those in the buffer
  default long start(int number, int frame, int top) {
    return number * bytes();
  }

  /// The layout that suits a convolution: the image itself for kernels of one tap, patches for few
  /// channels, else a padded image.
  static WeightInputs of(ConvShape d, MemorySegment x, int group) {
    Frame frame = new Frame(d, x, group);
    if (d.rows().forward().picks()
        && d.columns().forward().picks()
        && d.groupChannels() % COUNT == 0) {
      return new InPlace(frame);
    }
    Padded padded = Padded.of(frame);
    int unpacked = 0;
    for (Strip strip : padded.strips) {
      unpacked += Math.ceilDiv(strip.floats, COUNT);
    }
    int packed = Math.ceilDiv(frame.patchFloats(), COUNT);
    // Copying a patch costs as much as some kernels' products.
    boolean pays = d.groupKernels() >= COUNT && packed <= PATCH && 8 * packed <= 7 * unpacked;
    return pays ? Patches.of(frame, padded.strips) : padded;
  }

  /// One group of channels of the frames of x.
  record Frame(ConvShape d, MemorySegment x, int group) {
    int channels() {
      return d.groupChannels();
    }

    int patchFloats() {
      return d.rows().taps() * d.columns().taps() * channels();
    }

    int width() {
      return d.columns().forward().width(d.columns().out());
    }

    /// Copies the inputs of some rows of outputs, padded.
    void pad(int frame, int top, int rows, MemorySegment to) {
      Sweep high = d.rows().forward();
      int y0 = high.start(top);
      int x0 = d.columns().forward().start(0);
      Padding.copy(
          x,
          frame * d.inPixels() * d.c(),
          d.rows().in(),
          d.columns().in(),
          d.c(),
          group * channels(),
          channels(),
          to,
          y0,
          y0 + high.width(rows),
          x0,
          x0 + width());
    }
  }

  /// Padded images. With dilation 1 the taps of a row are one strip.
  record Padded(Frame frame, List<Strip> strips) implements WeightInputs {
    static Padded of(Frame frame) {
      Extent high = frame.d.rows();
      Extent wide = frame.d.columns();
      int channels = frame.channels();
      int runs = wide.dilation() == 1 ? 1 : wide.taps();
      int floats = wide.taps() / runs * channels;
      List<Strip> strips = new ArrayList<>();
      for (int r = 0; r < high.taps(); r++) {
        for (int s = 0; s < runs; s++) {
          long pixel = (long) r * high.dilation() * frame.width() + (long) s * wide.dilation();
          strips.add(new Strip(pixel * channels * 4, floats, (r * runs + s) * floats));
        }
      }
      return new Padded(frame, List.copyOf(strips));
    }

    @Override
    public int rows() {
      return frame.d.rows().out();
    }

    @Override
    public long bytes() {
      int height = frame.d.rows().forward().width(rows());
      return (long) height * frame.width() * frame.channels() * 4;
    }

    @Override
    public long row() {
      return (long) frame.d.rows().stride() * frame.width() * frame.channels() * 4;
    }

    @Override
    public long column() {
      return (long) frame.d.columns().stride() * frame.channels() * 4;
    }

    @Override
    public void make(int number, int top, int rows, MemorySegment to) {
      frame.pad(number, top, rows, to);
    }
  }

  /// The images themselves, for kernels of one tap without padding and whole vectors of channels.
  record InPlace(Frame frame) implements WeightInputs {
    @Override
    public List<Strip> strips() {
      return List.of(new Strip(0, frame.channels(), 0));
    }

    @Override
    public int rows() {
      return frame.d.rows().out();
    }

    @Override
    public long bytes() {
      return frame.d.outPixels() * frame.channels() * 4;
    }

    @Override
    public long row() {
      return (long) frame.d.rows().stride() * frame.d.columns().in() * frame.d.c() * 4;
    }

    @Override
    public long column() {
      return (long) frame.d.columns().stride() * frame.d.c() * 4;
    }

    @Override
    public void make(int number, int top, int rows, MemorySegment to) {
      // Nothing to copy.
    }

    @Override
    public MemorySegment data(MemorySegment buffer) {
      return frame.x;
    }

    @Override
    public long start(int number, int image, int top) {
      long channel =
          image * frame.d.inPixels() * frame.d.c() + (long) frame.group * frame.channels();
      return channel * 4 + top * row();
    }
  }

  /// The inputs of every output side by side, for images of few channels: rows of taps that fill a
  /// part of a vector each are put together.
  ///
  /// @param runs where the strips of a padded image lie
  /// @param pitch floats between patches
  record Patches(Frame frame, List<Strip> runs, int pitch, int rows) implements WeightInputs {
    static Patches of(Frame frame, List<Strip> runs) {
      int pitch = Math.ceilDiv(frame.patchFloats(), COUNT) * COUNT;
      long row = (long) frame.d.columns().out() * pitch * 4;
      int most = Math.clamp(PIECE / Math.max(row, 1), 1, frame.d.rows().out());
      int even = Math.ceilDiv(frame.d.rows().out(), Math.ceilDiv(frame.d.rows().out(), most));
      return new Patches(frame, runs, pitch, even);
    }

    @Override
    public List<Strip> strips() {
      return List.of(new Strip(0, frame.patchFloats(), 0));
    }

    /// A vector may end behind the last patch.
    @Override
    public long bytes() {
      return rows * row() + BYTES;
    }

    @Override
    public long row() {
      return frame.d.columns().out() * column();
    }

    @Override
    public long column() {
      return pitch * 4L;
    }

    @Override
    public void make(int number, int top, int rows, MemorySegment to) {
      int height = frame.d.rows().forward().width(rows);
      long floats = (long) height * frame.width() * frame.channels() + SLACK;
      MemorySegment padded = Scratch.floats(Scratch.Slot.PACKED_A, floats);
      frame.pad(number, top, rows, padded);
      long step = (long) frame.d.columns().stride() * frame.channels() * 4;
      long high = (long) frame.d.rows().stride() * frame.width() * frame.channels() * 4;
      // In order: what a vector holds too much, the next one overwrites.
      for (int y = 0; y < rows; y++) {
        patches(padded, y * high, step, to, y * row());
      }
    }

    private void patches(MemorySegment padded, long from, long step, MemorySegment to, long at) {
      int columns = frame.d.columns().out();
      int count = runs.size();
      for (int x = 0; x < columns; x++) {
        for (int i = 0; i < count; i++) {
          Strip run = runs.get(i);
          copy(
              padded, from + x * step + run.at, to, at + x * column() + run.first * 4L, run.floats);
        }
      }
    }

    private static void copy(
        MemorySegment from, long source, MemorySegment to, long at, int count) {
      for (int i = 0; i < count; i += COUNT) {
        FloatVector.fromMemorySegment(F32, from, source + i * 4L, ORDER)
            .intoMemorySegment(to, at + i * 4L, ORDER);
      }
    }
  }
}
