package ibrik.tensor.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.NoLeaks;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.TensorSpec;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// The format, byte for byte, and files that break its rules.
@ExtendWith(NoLeaks.class)
class SafetensorsTest {
  @TempDir Path folder;

  /// What the reference implementation (safetensors 0.8.0, `safetensors.numpy.save`) makes of the
  /// tensors of [#tensors()]: sorted by type, then by the bytes of the name.
  private static final String HEADER =
      """
      {"__metadata__":{"k":"v \\"q\\""},\
      "n":{"dtype":"I64","shape":[1],"data_offsets":[0,8]},\
      "d":{"dtype":"F64","shape":[],"data_offsets":[8,16]},\
      "a.w":{"dtype":"F32","shape":[0,4],"data_offsets":[16,16]},\
      "w":{"dtype":"F32","shape":[2,3],"data_offsets":[16,40]},\
      "l":{"dtype":"I32","shape":[2],"data_offsets":[40,48]},\
      "q\\"\\\\\\n\\u0001\u007f":{"dtype":"I32","shape":[1],"data_offsets":[48,52]},\
      "\uff5e":{"dtype":"I32","shape":[1],"data_offsets":[52,56]},\
      "\ud83d\ude00":{"dtype":"I32","shape":[1],"data_offsets":[56,60]},\
      "h":{"dtype":"F16","shape":[1],"data_offsets":[60,62]},\
      "i8":{"dtype":"I8","shape":[1],"data_offsets":[62,63]},\
      "u":{"dtype":"U8","shape":[2],"data_offsets":[63,65]},\
      "b":{"dtype":"BOOL","shape":[3],"data_offsets":[65,68]}}""";

  private static final String DATA =
      "0700000000000000" // n
          + "000000000000e03f" // d
          + "0000803f0000004000004040000080400000a0400000c040" // w
          + "01000000feffffff" // l
          + "03000000" // q...
          + "01000000" // fullwidth tilde
          + "02000000" // grinning face
          + "003c" // h
          + "ff" // i8
          + "00ff" // u
          + "010001"; // b

  /// The fixture's length field: 712, a multiple of 8.
  private static final String LENGTH = "c802000000000000";

  private static byte[] fixture() {
    byte[] header = HEADER.getBytes(StandardCharsets.UTF_8);
    int padding = Math.floorMod(-header.length, 8);
    return concat(
        HexFormat.of().parseHex(LENGTH),
        header,
        " ".repeat(padding).getBytes(StandardCharsets.UTF_8),
        HexFormat.of().parseHex(DATA));
  }

  private static Map<String, Tensor> tensors() {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put("w", Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3));
    tensors.put("n", Tensor.of(new long[] {7}, 1));
    tensors.put("d", Tensor.scalar(0.5));
    tensors.put("b", Tensor.of(new boolean[] {true, false, true}));
    tensors.put("u", Tensor.of(new byte[] {0, -1}));
    tensors.put("i8", raw(DType.I8, new byte[] {-1}, 1));
    tensors.put("a.w", Tensor.of(new float[0], 0, 4));
    tensors.put("l", Tensor.of(new int[] {1, -2}));
    tensors.put("h", raw(DType.F16, new byte[] {0, 0x3c}, 1));
    tensors.put("\uff5e", Tensor.of(new int[] {1}, 1));
    tensors.put("\ud83d\ude00", Tensor.of(new int[] {2}, 1));
    tensors.put("q\"\\\n\u0001\u007f", Tensor.of(new int[] {3}, 1));
    return tensors;
  }

  static Tensor raw(DType dtype, byte[] bytes, long... dims) {
    return Tensor.copyOf(
        MemorySegment.ofArray(bytes), new TensorSpec(dtype, Shape.of(dims)), Device.CPU);
  }

  static byte[] concat(byte[]... parts) {
    ByteBuffer all = ByteBuffer.allocate(Arrays.stream(parts).mapToInt(p -> p.length).sum());
    Arrays.stream(parts).forEach(all::put);
    return all.array();
  }

  private Path file(byte[] bytes) throws IOException {
    return Files.write(folder.resolve("x.safetensors"), bytes);
  }

  /// A file of this header, without padding, and `dataBytes` zeros.
  private static byte[] bytes(byte[] header, int dataBytes) {
    byte[] length =
        ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(header.length).array();
    return concat(length, header, new byte[dataBytes]);
  }

  private static byte[] bytes(String header, int dataBytes) {
    return bytes(header.getBytes(StandardCharsets.UTF_8), dataBytes);
  }

  @Test
  void writesTheBytesOfTheReferenceImplementation() throws IOException {
    Path path = folder.resolve("x.safetensors");
    try (TensorScope _ = TensorScope.open()) {
      Safetensors.write(path, tensors(), Map.of("k", "v \"q\""));
    }
    assertEquals(HexFormat.of().formatHex(fixture()), HexFormat.of().formatHex(read(path)));
    assertEquals(List.of(path), list(), "no temporary file is left");
  }

  @Test
  void readsTheBytesOfTheReferenceImplementation() throws IOException {
    Path path = file(fixture());
    SafetensorsFile file = Safetensors.open(path);
    assertEquals(Map.of("k", "v \"q\""), file.metadata());
    assertEquals(
        List.of(
            "n",
            "d",
            "a.w",
            "w",
            "l",
            "q\"\\\n\u0001\u007f",
            "\uff5e",
            "\ud83d\ude00",
            "h",
            "i8",
            "u",
            "b"),
        List.copyOf(file.names()));
    SafetensorsHeader.Entry w = file.header().entries().get("w");
    assertEquals("f32[2,3] 16 40", w.spec() + " " + w.start() + " " + w.end());
    assertEquals(path + ": 12 tensors, 68 B", file.toString());
    try (TensorScope _ = TensorScope.open()) {
      Map<String, Tensor> want = tensors();
      Map<String, Tensor> got = file.load(Device.CPU);
      assertEquals(want.keySet(), got.keySet());
      want.forEach(
          (name, tensor) -> {
            assertEquals(tensor.spec(), got.get(name).spec(), name);
            assertEquals(-1, tensor.data().mismatch(got.get(name).data()), name);
          });
    }
  }

  @Test
  void anEmptyFileHasAnEmptyHeader() throws IOException {
    Path path = folder.resolve("x.safetensors");
    Safetensors.write(path, Map.of(), Map.of());
    assertEquals("08000000000000007b7d202020202020", HexFormat.of().formatHex(read(path)));
    try (TensorScope _ = TensorScope.open()) {
      assertEquals(Map.of(), Safetensors.read(path));
    }
  }

  @Test
  void metadataAreSortedSoThatBytesRepeat() throws IOException {
    Path path = folder.resolve("x.safetensors");
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("b", "2");
    metadata.put("a", "\u00e9\t");
    Safetensors.write(path, Map.of(), metadata);
    byte[] bytes = read(path);
    String header = new String(bytes, 8, bytes.length - 8, StandardCharsets.UTF_8);
    assertEquals("{\"__metadata__\":{\"a\":\"\u00e9\\t\",\"b\":\"2\"}}", header.strip());
    assertEquals(new TreeMap<>(metadata), Safetensors.open(path).metadata());
  }

  @Test
  void aTensorCanBeLoadedByName() throws IOException {
    SafetensorsFile file = Safetensors.open(file(fixture()));
    try (TensorScope scope = TensorScope.open()) {
      assertArrayEquals(new int[] {1, -2}, file.load("l", Device.CPU).toInts());
      assertEquals(1, scope.liveTensors());
      IllegalArgumentException unknown =
          assertThrows(IllegalArgumentException.class, () -> file.load("m", Device.CPU));
      assertTrue(unknown.getMessage().contains("has no tensor 'm'; it has [n, d,"));
    }
  }

  @Test
  void offsetViewsAreWrittenWithoutTheirSurroundings() throws IOException {
    Path path = folder.resolve("x.safetensors");
    try (TensorScope _ = TensorScope.open()) {
      Tensor rows = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 3, 2);
      Safetensors.write(path, Map.of("row", rows.narrow(0, 1, 1)), Map.of());
      assertArrayEquals(new float[] {3, 4}, Safetensors.read(path).get("row").toFloats());
    }
  }

  @Test
  void aFileCutAnywhereIsRefused() throws IOException {
    byte[] whole = fixture();
    for (int length = 0; length < whole.length; length++) {
      Path path = file(Arrays.copyOf(whole, length));
      SafetensorsException cut =
          assertThrows(SafetensorsException.class, () -> Safetensors.open(path));
      assertTrue(cut.getMessage().startsWith("[safetensors] " + path + ": "), cut.getMessage());
    }
    Path longer = file(Arrays.copyOf(whole, whole.length + 1));
    assertThrows(SafetensorsException.class, () -> Safetensors.open(longer));
  }

  @Test
  void anyOtherByteInTheHeaderIsReadOrRefusedButNeverBreaksTheReader() throws IOException {
    byte[] whole = fixture();
    int refused = 0;
    for (int at = 0; at < whole.length - 68; at++) {
      byte[] broken = whole.clone();
      broken[at] ^= (byte) (1 << (at % 8));
      Path path = file(broken);
      try (TensorScope _ = TensorScope.open()) {
        Safetensors.read(path);
      } catch (SafetensorsException _) {
        refused++;
      }
    }
    assertTrue(refused > 400, "most changes break a rule; refused " + refused);
  }

  private static String one(String fields) {
    return "{\"x\":{" + fields + "}}";
  }

  private static String f32(String name, int count, long start, long end) {
    return "\"%s\":{\"dtype\":\"F32\",\"shape\":[%d],\"data_offsets\":[%d,%d]}"
        .formatted(name, count, start, end);
  }

  private record Hostile(String why, byte[] bytes, String message) {
    Hostile(String why, String header, int dataBytes, String message) {
      this(why, SafetensorsTest.bytes(header, dataBytes), message);
    }
  }

  private static final List<Hostile> HOSTILE =
      List.of(
          new Hostile("7 bytes", new byte[7], "a file has at least 8 bytes; got 7"),
          new Hostile(
              "header over the limit",
              HexFormat.of().parseHex("01e1f50500000000"),
              "the header must have at most 100000000 bytes; got 100000001; this is probably no"),
          new Hostile(
              "negative header length",
              HexFormat.of().parseHex("ffffffffffffffff"),
              "at most 100000000 bytes; got 18446744073709551615"),
          new Hostile(
              "header past the end",
              HexFormat.of().parseHex("09000000000000007b7d202020202020"),
              "must end within the file; got a header of 9 bytes in a file of 16; it is cut off"),
          new Hostile("no header", "", 0, "the header must begin with {"),
          new Hostile("leading space", " {}", 0, "the header must begin with {"),
          new Hostile("a list", "[]", 0, "the header must begin with {"),
          new Hostile(
              "no UTF-8",
              bytes(new byte[] {'{', '"', (byte) 0xC0, (byte) 0x80, '"', '}'}, 0),
              "the header must be valid UTF-8"),
          new Hostile("text after it", "{}x", 0, "only spaces may follow the object; got 'x'"),
          new Hostile("zero after it", "{}\0", 0, "only spaces may follow the object"),
          new Hostile("not closed", "{", 0, "'\"' is expected; got the end at character 1"),
          new Hostile("trailing comma", "{" + f32("x", 0, 0, 0) + ",}", 0, "'\"' is expected"),
          new Hostile("single quotes", "{'x':{}}", 0, "'\"' is expected; got '''"),
          new Hostile("open string", "{\"x", 0, "a string must end"),
          new Hostile("raw newline", "{\"\n\":{}}", 0, "control characters in strings"),
          new Hostile("unknown escape", "{\"\\x\":{}}", 0, "\\x is no escape"),
          new Hostile("short escape", "{\"\\u12\":{}}", 0, "\\u needs four hexadecimal digits"),
          new Hostile("half a pair", "{\"\\ud800\":{}}", 0, "surrogates must come in pairs"),
          new Hostile(
              "name twice",
              "{" + f32("x", 0, 0, 0) + "," + f32("\\u0078", 0, 0, 0) + "}",
              0,
              "key 'x' must not occur twice in one object"),
          new Hostile(
              "field twice", one("\"shape\":[],\"shape\":[]"), 0, "key 'shape' must not occur"),
          new Hostile(
              "metadata twice",
              "{\"__metadata__\":{},\"__metadata__\":{}}",
              0,
              "key '__metadata__' must not occur twice"),
          new Hostile(
              "metadata of numbers",
              "{\"__metadata__\":{\"a\":1}}",
              0,
              "'\"' is expected; got '1'"),
          new Hostile("metadata null", "{\"__metadata__\":null}", 0, "'{' is expected; got 'n'"),
          new Hostile("deep nesting", "{\"x\":" + "[".repeat(100_000), 0, "'{' is expected"),
          new Hostile("entry no object", "{\"x\":1}", 0, "'{' is expected"),
          new Hostile("empty entry", one(""), 0, "\"x\": needs dtype, shape and data_offsets"),
          new Hostile(
              "unknown field",
              one("\"strides\":[]"),
              0,
              "fields must be dtype, shape, data_offsets"),
          new Hostile(
              "unknown dtype",
              one("\"dtype\":\"F8_E4M3\",\"shape\":[1],\"data_offsets\":[0,1]"),
              1,
              "\"x\": dtype must be one of I64 F64 F32 I32 BF16 F16 I8 U8 BOOL; got F8_E4M3"),
          new Hostile(
              "bit-packed dtype",
              one("\"dtype\":\"B1\",\"shape\":[8],\"data_offsets\":[0,1]"),
              1,
              "dtype must be one of"),
          new Hostile("negative extent", one("\"shape\":[-1]"), 0, "a whole number >= 0"),
          new Hostile("fraction", one("\"shape\":[1.0]"), 0, "a whole number >= 0"),
          new Hostile("exponent", one("\"shape\":[1e3]"), 0, "a whole number >= 0"),
          new Hostile("leading zero", one("\"shape\":[01]"), 0, "a whole number >= 0"),
          new Hostile(
              "beyond 63 bits", one("\"shape\":[9223372036854775808]"), 0, "must fit in 63 bits"),
          new Hostile(
              "element count overflows",
              one("\"dtype\":\"U8\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,0]"),
              0,
              "shape must have at most 8 axes and a byte count below 2^63; got [4294967296, 42"),
          new Hostile(
              "byte count overflows",
              one("\"dtype\":\"F64\",\"shape\":[1152921504606846976],\"data_offsets\":[0,0]"),
              0,
              "a byte count below 2^63"),
          new Hostile(
              "nine axes",
              one("\"dtype\":\"U8\",\"shape\":[1,1,1,1,1,1,1,1,1],\"data_offsets\":[0,1]"),
              1,
              "shape must have at most 8 axes"),
          new Hostile(
              "one offset",
              one("\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0]"),
              0,
              "data_offsets must be [start, end]"),
          new Hostile(
              "offsets backwards", "{" + f32("x", 1, 4, 0) + "}", 4, "start <= end; got [4, 0]"),
          new Hostile(
              "size and offsets differ",
              "{" + f32("x", 2, 0, 4) + "}",
              4,
              "\"x\": f32[2] needs 8 bytes; got data_offsets [0, 4]"),
          new Hostile(
              "beyond the data",
              "{" + f32("x", 2, 0, 8) + "}",
              7,
              "must lie within the file's 7 bytes of data; got an end at 8"),
          new Hostile(
              "overlap",
              "{" + f32("x", 2, 0, 8) + "," + f32("y", 2, 4, 12) + "}",
              12,
              "\"y\": tensors must not overlap; got a start at 4, the one before ends at 8"),
          new Hostile(
              "same bytes twice",
              "{" + f32("x", 1, 0, 4) + "," + f32("y", 1, 0, 4) + "}",
              4,
              "\"y\": tensors must not overlap"),
          new Hostile(
              "hole",
              "{" + f32("x", 1, 0, 4) + "," + f32("y", 1, 8, 12) + "}",
              12,
              "\"y\": tensors must not leave holes; got a start at 8, the one before ends at 4"),
          new Hostile("hole in front", "{" + f32("x", 1, 4, 8) + "}", 8, "leave holes"),
          new Hostile(
              "data left over",
              "{" + f32("x", 1, 0, 4) + "}",
              5,
              "tensors must cover all data; got 4 of 5 bytes"));

  @TestFactory
  Stream<DynamicTest> hostileHeadersAreRefusedWithFileAndRule() {
    return HOSTILE.stream()
        .map(
            hostile ->
                DynamicTest.dynamicTest(
                    hostile.why,
                    () -> {
                      Path path = file(hostile.bytes);
                      String message =
                          assertThrows(SafetensorsException.class, () -> Safetensors.open(path))
                              .getMessage();
                      assertTrue(message.startsWith("[safetensors] " + path + ": "), message);
                      assertTrue(message.contains(hostile.message), message);
                    }));
  }

  @Test
  void spacesAndFileOrderAreFree() throws IOException {
    String header =
        "{ \"y\" : { \"shape\" : [ 1 ] , \"data_offsets\":[4,8], \"dtype\":\"F32\" }\n,\t"
            + f32("x", 1, 0, 4)
            + "} \r\n";
    SafetensorsFile file = Safetensors.open(file(bytes(header, 8)));
    assertEquals(List.of("y", "x"), List.copyOf(file.names()));
    assertEquals(4, file.header().entries().get("y").start());
  }

  @Test
  void aBoolMustBeZeroOrOneAndNothingIsLeftLoaded() throws IOException {
    byte[] bytes = fixture();
    bytes[bytes.length - 2] = 2;
    SafetensorsFile file = Safetensors.open(file(bytes));
    try (TensorScope scope = TensorScope.open()) {
      SafetensorsException refused =
          assertThrows(SafetensorsException.class, () -> file.load(Device.CPU));
      assertTrue(
          refused.getMessage().endsWith("tensor \"b\": bool elements must be stored as 0 or 1"));
      assertEquals(0, scope.liveBytes());
      assertEquals(0, scope.liveTensors());
    }
  }

  @Test
  void aFileThatChangedSinceItWasOpenedIsRefused() throws IOException {
    SafetensorsFile file = Safetensors.open(file(fixture()));
    file(Arrays.copyOf(fixture(), 700));
    try (TensorScope _ = TensorScope.open()) {
      String message =
          assertThrows(SafetensorsException.class, () -> file.load("n", Device.CPU)).getMessage();
      assertTrue(message.contains("must not change while it is in use; got 700 bytes"), message);
    }
  }

  @Test
  void whatTheFormatCannotHoldIsRefusedBeforeTheDiskIsTouched() throws IOException {
    Path path = file(new byte[] {1, 2, 3});
    try (TensorScope _ = TensorScope.open()) {
      Tensor packed = raw(DType.B1, new byte[] {1}, 8);
      Tensor fine = Tensor.scalar(1f);
      assertRefused(
          path,
          Map.of("p", packed),
          "[safetensors] element type must be one of [bool, u8, i8, f16, bf16, i32, f32, f64, i64];"
              + " got p: b1[8]; cast it");
      assertRefused(
          path,
          Map.of("__metadata__", fine),
          "[safetensors] a tensor must not be named __metadata__; rename it");
      assertRefused(
          path,
          Map.of("\ud800", fine),
          "[safetensors] names and metadata must be valid Unicode; got \"\ud800\" with half a"
              + " surrogate pair");
    }
    assertArrayEquals(new byte[] {1, 2, 3}, read(path));
    assertEquals(List.of(path), list());
  }

  private static void assertRefused(Path path, Map<String, Tensor> tensors, String message) {
    assertEquals(
        message,
        assertThrows(
                IllegalArgumentException.class, () -> Safetensors.write(path, tensors, Map.of()))
            .getMessage());
  }

  @Test
  void aClosedTensorLeavesTheOldFile() throws IOException {
    Path path = file(new byte[] {1, 2, 3});
    Tensor gone;
    try (TensorScope _ = TensorScope.open()) {
      gone = Tensor.scalar(1f);
    }
    assertThrows(
        IllegalStateException.class, () -> Safetensors.write(path, Map.of("x", gone), Map.of()));
    assertArrayEquals(new byte[] {1, 2, 3}, read(path));
    assertEquals(List.of(path), list(), "no temporary file is left");
  }

  private static byte[] read(Path path) throws IOException {
    return Files.readAllBytes(path);
  }

  private List<Path> list() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }
}
