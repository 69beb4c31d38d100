package ibrik.tensor.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.tensor.DType;
import ibrik.tensor.NoLeaks;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// NumPy's format, byte for byte, and files that tensors cannot hold.
@ExtendWith(NoLeaks.class)
class NpyTest {
  @TempDir Path folder;

  /// `\x93NUMPY`, version, length, text and padding as NumPy 2 writes them.
  private static byte[] file(int major, String text, String dataHex) {
    Charset charset = major == 3 ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1;
    byte[] header = text.getBytes(charset);
    ByteBuffer length = ByteBuffer.allocate(major == 1 ? 2 : 4).order(ByteOrder.LITTLE_ENDIAN);
    if (major == 1) {
      length.putShort((short) header.length);
    } else {
      length.putInt(header.length);
    }
    return SafetensorsTest.concat(
        new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', (byte) major, 0},
        length.array(),
        header,
        HexFormat.of().parseHex(dataHex));
  }

  private static String padded(String dictionary, int total) {
    return dictionary + " ".repeat(total - 10 - 1 - dictionary.length()) + "\n";
  }

  private Path write(byte[] bytes) throws IOException {
    return Files.write(folder.resolve("x.npy"), bytes);
  }

  private void assertBothWays(Tensor tensor, String dictionary, int headerBytes, String dataHex)
      throws IOException {
    byte[] want = file(1, padded(dictionary, headerBytes), dataHex);
    Path path = folder.resolve("y.npy");
    Npy.write(path, tensor);
    assertEquals(
        HexFormat.of().formatHex(want), HexFormat.of().formatHex(Files.readAllBytes(path)));
    Tensor back = Npy.read(write(want));
    assertEquals(tensor.spec(), back.spec());
    assertEquals(-1, tensor.data().mismatch(back.data()));
  }

  @Test
  void everyTypeHasTheBytesOfNumPy() throws IOException {
    try (TensorScope _ = TensorScope.open()) {
      assertBothWays(
          Tensor.of(new float[] {0, 1, 2, 3, 4, -0f}, 2, 3),
          "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }",
          128,
          "000000000000803f00000040000040400000804000000080");
      assertBothWays(
          Tensor.scalar(0.5),
          "{'descr': '<f8', 'fortran_order': False, 'shape': (), }",
          128,
          "000000000000e03f");
      assertBothWays(
          Tensor.of(new int[] {1, -2}),
          "{'descr': '<i4', 'fortran_order': False, 'shape': (2,), }",
          128,
          "01000000feffffff");
      assertBothWays(
          Tensor.of(new long[] {-1}, 1, 1),
          "{'descr': '<i8', 'fortran_order': False, 'shape': (1, 1), }",
          128,
          "ffffffffffffffff");
      assertBothWays(
          SafetensorsTest.raw(DType.I8, new byte[] {-128}, 1),
          "{'descr': '|i1', 'fortran_order': False, 'shape': (1,), }",
          128,
          "80");
      assertBothWays(
          Tensor.of(new byte[] {0, -1}),
          "{'descr': '|u1', 'fortran_order': False, 'shape': (2,), }",
          128,
          "00ff");
      assertBothWays(
          Tensor.of(new boolean[] {true, false}),
          "{'descr': '|b1', 'fortran_order': False, 'shape': (2,), }",
          128,
          "0100");
      assertBothWays(
          SafetensorsTest.raw(DType.F16, new byte[] {0, 0x3c}, 1),
          "{'descr': '<f2', 'fortran_order': False, 'shape': (1,), }",
          128,
          "003c");
      assertBothWays(
          Tensor.of(new float[0], 0, 4),
          "{'descr': '<f4', 'fortran_order': False, 'shape': (0, 4), }",
          128,
          "");
    }
  }

  /// NumPy leaves room for 21 digits of the leading extent: here that starts the third block of 64
  /// although the dictionary itself would fit in two.
  @Test
  void theRoomForGrowthIsThatOfNumPy() throws IOException {
    try (TensorScope _ = TensorScope.open()) {
      assertBothWays(
          Tensor.of(new byte[0], 0, 1000000000, 1000000000, 1000000000, 1000000000),
          "{'descr': '|u1', 'fortran_order': False,"
              + " 'shape': (0, 1000000000, 1000000000, 1000000000, 1000000000), }",
          192,
          "");
    }
  }

  @Test
  void laterVersionsAndOtherSpellingsAreRead() throws IOException {
    String dictionary = "{'shape':(2,1,),\"descr\":\"<i4\",'fortran_order':False}";
    try (TensorScope _ = TensorScope.open()) {
      for (int major = 1; major <= 3; major++) {
        Tensor tensor = Npy.read(write(file(major, dictionary, "0100000002000000")));
        assertEquals("i32[2,1]", tensor.spec().toString());
        assertArrayEquals(new int[] {1, 2}, tensor.toInts());
      }
      String small = "{'descr': '<u1', 'fortran_order': False, 'shape': (1,), }";
      assertArrayEquals(new int[] {7}, Npy.read(write(file(1, small, "07"))).toInts());
    }
  }

  @Test
  void aFileCutAnywhereIsRefused() throws IOException {
    String text = padded("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", 128);
    byte[] whole = file(1, text, "0000803f0000803f");
    try (TensorScope _ = TensorScope.open()) {
      for (int length = 0; length < whole.length; length++) {
        Path path = write(Arrays.copyOf(whole, length));
        String message = assertThrows(NpyException.class, () -> Npy.read(path)).getMessage();
        assertTrue(message.startsWith("[npy] " + path + ": "), message);
        assertTrue(message.endsWith("; it is cut off"), message);
      }
      assertArrayEquals(new float[] {1, 1}, Npy.read(write(whole)).toFloats());
    }
  }

  @Test
  void anyOtherByteInTheHeaderIsReadOrRefusedButNeverBreaksTheReader() throws IOException {
    String text = padded("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", 128);
    byte[] whole = file(1, text, "0000803f0000803f");
    int refused = 0;
    for (int at = 0; at < 128; at++) {
      for (int bit : new int[] {at % 8, (at + 4) % 8}) {
        byte[] broken = whole.clone();
        broken[at] ^= (byte) (1 << bit);
        try (TensorScope _ = TensorScope.open()) {
          Npy.read(write(broken));
        } catch (NpyException _) {
          refused++;
        }
      }
    }
    assertTrue(refused > 100, "most changes break a rule; refused " + refused);
  }

  private record Hostile(String dictionary, String message) {}

  private static String of(String descr) {
    return "{'descr': " + descr + ", 'fortran_order': False, 'shape': (1,), }";
  }

  private static String shaped(String shape) {
    return "{'descr': '|u1', 'fortran_order': False, 'shape': " + shape + ", }";
  }

  private static final List<Hostile> HOSTILE =
      List.of(
          new Hostile(
              "{'descr': '<f4', 'fortran_order': True, 'shape': (1,), }",
              "fortran_order must be False; got True; save it with numpy.ascontiguousarray(array)"),
          new Hostile(
              of("'>f4'"),
              "element type is not supported; got '>f4'; save it with array.astype('<f4')"),
          new Hostile(of("'|O'"), "got '|O', Python objects; save numbers"),
          new Hostile(
              of("'<u2'"), "got '<u2'; save it as one of [<f2, <f4, <f8, <i4, <i8, |b1, |i1, |u1]"),
          new Hostile(of("'<U3'"), "element type is not supported; got '<U3'"),
          new Hostile(of("[('x', '<f4'), ('y', '<i4')]"), "records are not supported; got [('x'"),
          new Hostile("", "the header must be a dictionary"),
          new Hostile("{}", "must have the keys descr, fortran_order and shape; got {}"),
          new Hostile(
              "{'descr': '<f4', 'fortran_order': False}",
              "must have the keys descr, fortran_order"),
          new Hostile(
              "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': ()}",
              "must not have the key descr twice"),
          new Hostile(
              "{'descr': '<f4', 'fortran_order': False, 'shape': (), 'more': False}",
              "must not have the key more"),
          new Hostile(
              "{'descr': '<f4', 'fortran_order': False, 'shape': () __import__('os')}",
              "must have the keys"),
          new Hostile(shaped("(1)"), "shape must be a tuple of numbers >= 0; got (1)"),
          new Hostile(shaped("(-1,)"), "must have the keys"),
          new Hostile(shaped("(,)"), "shape must be a tuple of numbers >= 0; got (,)"),
          new Hostile(
              shaped("(4294967296, 4294967296)"),
              "shape must have at most 8 axes and a byte count below 2^63"),
          new Hostile(shaped("(9223372036854775808,)"), "a byte count below 2^63"),
          new Hostile(shaped("(9223372036854775807,)"), "a byte count below 2^63"),
          new Hostile(shaped("(1, 1, 1, 1, 1, 1, 1, 1, 1)"), "at most 8 axes"),
          new Hostile(shaped("(2,)"), "u8[2] needs 2 bytes of data; got 1; it is cut off"),
          new Hostile(shaped("(0,)"), "u8[0] needs 0 bytes of data; got 1"),
          new Hostile(of("'|b1'"), "bool elements must be stored as 0 or 1"));

  @TestFactory
  Stream<DynamicTest> hostileHeadersAreRefusedWithFileAndRule() {
    return HOSTILE.stream()
        .map(
            hostile ->
                DynamicTest.dynamicTest(
                    hostile.message,
                    () -> assertRefused(file(1, hostile.dictionary, "02"), hostile)));
  }

  private void assertRefused(byte[] bytes, Hostile hostile) throws IOException {
    Path path = write(bytes);
    try (TensorScope _ = TensorScope.open()) {
      String message = assertThrows(NpyException.class, () -> Npy.read(path)).getMessage();
      assertTrue(message.startsWith("[npy] " + path + ": "), message);
      assertTrue(message.contains(hostile.message), message);
    }
  }

  @Test
  void otherFilesAndVersionsAreRefused() throws IOException {
    byte[] fine = file(1, of("'|u1'"), "02");
    byte[] later = fine.clone();
    later[6] = 4;
    assertRefused(later, new Hostile("", "version must be 1.0, 2.0 or 3.0; got 4.0"));
    byte[] other = fine.clone();
    other[0] = 'P';
    assertRefused(other, new Hostile("", "must begin with \\x93NUMPY; this is no npy file"));
    byte[] huge = file(2, of("'|u1'"), "02");
    Arrays.fill(huge, 8, 12, (byte) 0xFF);
    assertRefused(huge, new Hostile("", "at most 1048576 bytes; got 4294967295"));
    byte[] latin = file(3, of("'|u1'"), "02");
    latin[14] = (byte) 0xFF;
    assertRefused(latin, new Hostile("", "the header must be valid UTF-8"));
  }

  @Test
  void typesThatNumPyLacksAreRefused() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor brain = SafetensorsTest.raw(DType.BF16, new byte[2], 1);
      Path path = folder.resolve("x.npy");
      assertEquals(
          "[npy] element type must be one of f64 f32 f16 i64 i32 i8 u8 bool; got bf16[1]; cast it",
          assertThrows(IllegalArgumentException.class, () -> Npy.write(path, brain)).getMessage());
      assertTrue(Files.notExists(path));
    }
  }
}
