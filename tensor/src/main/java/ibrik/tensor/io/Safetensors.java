package ibrik.tensor.io;

import ibrik.tensor.Device;
import ibrik.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;

/// Named tensors in one file: the exchange format of weights, and of Ibrik's checkpoints.
///
/// ```
/// 8 bytes   length of the header in bytes, little endian, a multiple of 8 when written here
/// header    {"__metadata__":{"k":"v"},"name":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]}}
/// data      the elements of all tensors, row-major, little endian, without gaps
/// ```
///
/// **Dtypes** f64 f32 bf16 f16 i64 i32 i8 u8 bool **Source** the format and the byte layout of <a
/// href="https://github.com/huggingface/safetensors">huggingface/safetensors</a> **Deviations**
/// metadata keys are written in sorted order, there in the order of a hash map
public final class Safetensors {
  /// Longest header that is read or written; that of the reference implementation.
  public static final long MAX_HEADER_BYTES = 100_000_000;

  private Safetensors() {}

  /// Writes `tensors` and `metadata` to `path` as [AtomicFile] does: all or nothing. The same
  /// arguments give the same bytes.
  ///
  /// @throws IllegalArgumentException if a tensor is b1, is named `__metadata__`, or a text is no
  ///   valid Unicode
  /// @throws IOException if the disk refuses; names the path and what to do
  public static void write(Path path, Map<String, Tensor> tensors, Map<String, String> metadata)
      throws IOException {
    TensorBytes.requireLittleEndian();
    SafetensorsHeader header = SafetensorsHeader.of(tensors, metadata);
    byte[] json = header.json().getBytes(StandardCharsets.UTF_8);
    int padded = Math.ceilDiv(json.length, Long.BYTES) * Long.BYTES;
    if (padded > MAX_HEADER_BYTES) {
      throw new IllegalArgumentException(
          "[safetensors] the header must be at most "
              + MAX_HEADER_BYTES
              + " bytes; got "
              + padded
              + "; shorten names and metadata");
    }
    ByteBuffer head = ByteBuffer.allocate(Long.BYTES + padded).order(ByteOrder.LITTLE_ENDIAN);
    head.putLong(padded).put(json);
    Arrays.fill(head.array(), head.position(), head.capacity(), (byte) ' ');
    AtomicFile.write(
        path,
        channel -> {
          TensorBytes.writeFully(head.rewind(), channel);
          for (String name : header.entries().keySet()) {
            TensorBytes.write(Objects.requireNonNull(tensors.get(name)), channel);
          }
        });
  }

  /// Reads and checks the header of `path`; the numbers stay where they are.
  ///
  /// @throws SafetensorsException if the file breaks a rule of the format
  /// @throws IOException if it cannot be read
  public static SafetensorsFile open(Path path) throws IOException {
    TensorBytes.requireLittleEndian();
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      long fileBytes = channel.size();
      if (fileBytes < Long.BYTES) {
        throw new SafetensorsException(
            path, "a file has at least 8 bytes; got " + fileBytes + "; it is cut off", null);
      }
      long headerBytes = headerBytes(path, channel, fileBytes);
      ByteBuffer json = ByteBuffer.allocate((int) headerBytes);
      TensorBytes.readFully(channel, json, Long.BYTES);
      long dataStart = Long.BYTES + headerBytes;
      return new SafetensorsFile(path, parse(path, json.flip(), fileBytes - dataStart), dataStart);
    }
  }

  private static long headerBytes(Path path, FileChannel channel, long fileBytes)
      throws IOException {
    ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    TensorBytes.readFully(channel, length, 0);
    long headerBytes = length.getLong(0);
    if (headerBytes < 0 || headerBytes > MAX_HEADER_BYTES) {
      throw new SafetensorsException(
          path,
          "the header must have at most "
              + MAX_HEADER_BYTES
              + " bytes; got "
              + Long.toUnsignedString(headerBytes)
              + "; this is probably no safetensors file",
          null);
    }
    if (headerBytes > fileBytes - Long.BYTES) {
      throw new SafetensorsException(
          path,
          "the header must end within the file; got a header of "
              + headerBytes
              + " bytes in a file of "
              + fileBytes
              + "; it is cut off",
          null);
    }
    return headerBytes;
  }

  private static SafetensorsHeader parse(Path path, ByteBuffer json, long dataBytes)
      throws SafetensorsException {
    try {
      return SafetensorsHeader.parse(
          StandardCharsets.UTF_8.newDecoder().decode(json).toString(), dataBytes);
    } catch (CharacterCodingException malformed) {
      throw new SafetensorsException(path, "the header must be valid UTF-8", malformed);
    } catch (BrokenRule broken) {
      throw new SafetensorsException(path, broken.rule(), broken);
    }
  }

  /// [#open] and [SafetensorsFile#load(Device)] on the cpu: all tensors by name, in file order, in
  /// the innermost [TensorScope].
  ///
  /// @throws SafetensorsException if the file breaks a rule of the format
  /// @throws IOException if it cannot be read
  public static Map<String, Tensor> read(Path path) throws IOException {
    return open(path).load(Device.CPU);
  }
}
