package ibrik.tensor.io;

import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.backend.Backends;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;

/// Moves the dense little-endian elements of tensors between files and devices.
final class TensorBytes {
  /// Bytes per transfer: byte buffers end at 2 GiB, and small steps keep the copy off the heap
  /// small.
  private static final long STEP_BYTES = 64L << 20;

  private TensorBytes() {}

  /// Both formats store little-endian numbers and tensors hold native ones.
  static void requireLittleEndian() {
    if (ByteOrder.nativeOrder() != ByteOrder.LITTLE_ENDIAN) {
      throw new UnsupportedOperationException(
          "[io] safetensors and npy files need a little-endian machine");
    }
  }

  /// Appends the elements of `tensor` to `channel`.
  static void write(Tensor tensor, FileChannel channel) throws IOException {
    long bytes = tensor.spec().bytes();
    if (tensor.buffer().host() != null) {
      write(tensor.data(), channel);
      return;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment copy = arena.allocate(Math.max(bytes, 1), 64).asSlice(0, bytes);
      Backends.of(tensor.device()).download(tensor.buffer(), tensor.offsetBytes(), copy, bytes);
      write(copy, channel);
    }
  }

  private static void write(MemorySegment source, FileChannel channel) throws IOException {
    for (long at = 0; at < source.byteSize(); at += STEP_BYTES) {
      writeFully(
          source.asSlice(at, Math.min(STEP_BYTES, source.byteSize() - at)).asByteBuffer(), channel);
    }
  }

  /// Appends all of `buffer`.
  static void writeFully(ByteBuffer buffer, FileChannel channel) throws IOException {
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }

  /// A new tensor on `device` in the innermost scope, with the elements at `start` of `channel`.
  ///
  /// @throws EOFException if the file ends too early
  /// @throws IOException if it cannot be read, or holds a bool that is neither 0 nor 1
  static Tensor read(FileChannel channel, long start, TensorSpec spec, Device device)
      throws IOException {
    Tensor tensor = Tensor.allocate(spec, device, "file");
    try {
      if (tensor.buffer().host() != null) {
        read(channel, start, tensor.data(), spec.dtype());
      } else {
        try (Arena arena = Arena.ofConfined()) {
          MemorySegment copy =
              arena.allocate(Math.max(spec.bytes(), 1), 64).asSlice(0, spec.bytes());
          read(channel, start, copy, spec.dtype());
          Backends.of(device).upload(copy, tensor.buffer(), 0, spec.bytes());
        }
      }
      return tensor;
    } catch (IOException | RuntimeException | Error failed) {
      tensor.close();
      throw failed;
    }
  }

  private static void read(FileChannel channel, long start, MemorySegment target, DType dtype)
      throws IOException {
    for (long at = 0; at < target.byteSize(); at += STEP_BYTES) {
      ByteBuffer step =
          target.asSlice(at, Math.min(STEP_BYTES, target.byteSize() - at)).asByteBuffer();
      readFully(channel, step, start + at);
    }
    if (dtype == DType.BOOL) {
      for (long i = 0; i < target.byteSize(); i++) {
        if ((target.get(ValueLayout.JAVA_BYTE, i) & 0xFE) != 0) {
          throw new IOException("bool elements must be stored as 0 or 1");
        }
      }
    }
  }

  /// Fills `buffer` from `position` of the file.
  ///
  /// @throws EOFException if the file ends before
  static void readFully(FileChannel channel, ByteBuffer buffer, long position) throws IOException {
    long at = position;
    while (buffer.hasRemaining()) {
      int read = channel.read(buffer, at);
      if (read < 0) {
        throw new EOFException("the file ends at byte " + channel.size());
      }
      at += read;
    }
  }
}
