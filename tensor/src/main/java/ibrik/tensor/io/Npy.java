package ibrik.tensor.io;

import ibrik.tensor.Device;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/// One tensor in one file: NumPy's own format.
///
/// Reads versions 1, 2 and 3; writes version 1 with the bytes that `numpy.save` of NumPy 2 writes.
///
/// **Dtypes** f64 f32 f16 i64 i32 i8 u8 bool; little endian, row-major **Source** <a
/// href="https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html">numpy.lib.format</a>
public final class Npy {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};

  /// The data begin at a multiple of this.
  private static final int ALIGN_BYTES = 64;

  /// Longest header that is read; a dictionary of these types needs less than 300 bytes.
  private static final int MAX_HEADER_BYTES = 1 << 20;

  private Npy() {}

  /// Writes `tensor` to `path` as [AtomicFile] does: all or nothing.
  ///
  /// @throws IllegalArgumentException if the element type is bf16 or b1
  /// @throws IOException if the disk refuses; names the path and what to do
  public static void write(Path path, Tensor tensor) throws IOException {
    TensorBytes.requireLittleEndian();
    byte[] text = NpyHeader.write(tensor.spec()).getBytes(StandardCharsets.US_ASCII);
    int prefix = MAGIC.length + 2 + Short.BYTES;
    int used = prefix + text.length + 1;
    int padding = ALIGN_BYTES - used % ALIGN_BYTES; // 64, not 0, where it fits: NumPy does so
    ByteBuffer head = ByteBuffer.allocate(used + padding).order(ByteOrder.LITTLE_ENDIAN);
    head.put(MAGIC).put((byte) 1).put((byte) 0);
    head.putShort((short) (used + padding - prefix)).put(text);
    Arrays.fill(head.array(), head.position(), head.capacity() - 1, (byte) ' ');
    head.put(head.capacity() - 1, (byte) '\n');
    AtomicFile.write(
        path,
        channel -> {
          TensorBytes.writeFully(head.rewind(), channel);
          TensorBytes.write(tensor, channel);
        });
  }

  /// The array of `path` as a tensor on the cpu, in the innermost [TensorScope].
  ///
  /// @throws NpyException if the file is no npy file, holds an array that tensors cannot, or is cut
  ///   off
  /// @throws IOException if it cannot be read
  public static Tensor read(Path path) throws IOException {
    return read(path, Device.CPU);
  }

  /// [#read(Path)] on `device`.
  ///
  /// @throws NpyException if the file is no npy file, holds an array that tensors cannot, or is cut
  ///   off
  /// @throws IOException if it cannot be read
  public static Tensor read(Path path, Device device) throws IOException {
    TensorBytes.requireLittleEndian();
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      ByteBuffer magic = bytes(path, channel, 0, MAGIC.length + 2);
      if (!magic.slice(0, MAGIC.length).equals(ByteBuffer.wrap(MAGIC))) {
        throw new NpyException(path, "must begin with \\x93NUMPY; this is no npy file", null);
      }
      int major = magic.get(MAGIC.length);
      int minor = magic.get(MAGIC.length + 1);
      if (major < 1 || major > 3 || minor != 0) {
        throw new NpyException(
            path, "version must be 1.0, 2.0 or 3.0; got " + major + "." + minor, null);
      }
      int lengthBytes = major == 1 ? Short.BYTES : Integer.BYTES;
      ByteBuffer length = bytes(path, channel, magic.capacity(), lengthBytes);
      long headerBytes =
          major == 1
              ? Short.toUnsignedInt(length.getShort(0))
              : Integer.toUnsignedLong(length.getInt(0));
      if (headerBytes > MAX_HEADER_BYTES) {
        throw new NpyException(
            path,
            "the header must have at most " + MAX_HEADER_BYTES + " bytes; got " + headerBytes,
            null);
      }
      int headerStart = magic.capacity() + lengthBytes;
      ByteBuffer text = bytes(path, channel, headerStart, (int) headerBytes);
      TensorSpec spec = spec(path, text, major);
      return data(path, channel, headerStart + headerBytes, spec, device);
    }
  }

  private static ByteBuffer bytes(Path path, FileChannel channel, int start, int count)
      throws IOException {
    if (channel.size() < start + (long) count) {
      throw new NpyException(
          path,
          "the header must end within the file; got "
              + channel.size()
              + " bytes, needs "
              + (start + (long) count)
              + "; it is cut off",
          null);
    }
    ByteBuffer buffer = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
    TensorBytes.readFully(channel, buffer, start);
    return buffer.flip();
  }

  private static TensorSpec spec(Path path, ByteBuffer text, int major) throws NpyException {
    Charset charset = major == 3 ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1;
    try {
      return NpyHeader.read(charset.newDecoder().decode(text).toString());
    } catch (CharacterCodingException malformed) {
      throw new NpyException(path, "the header must be valid UTF-8", malformed);
    } catch (BrokenRule broken) {
      throw new NpyException(path, broken.rule(), broken);
    }
  }

  private static Tensor data(
      Path path, FileChannel channel, long start, TensorSpec spec, Device device)
      throws IOException {
    if (channel.size() - start != spec.bytes()) {
      throw new NpyException(
          path,
          spec
              + " needs "
              + spec.bytes()
              + " bytes of data; got "
              + (channel.size() - start)
              + (channel.size() - start < spec.bytes() ? "; it is cut off" : ""),
          null);
    }
    try {
      return TensorBytes.read(channel, start, spec, device);
    } catch (IOException failed) {
      throw new NpyException(path, "data: " + failed.getMessage(), failed);
    }
  }
}
