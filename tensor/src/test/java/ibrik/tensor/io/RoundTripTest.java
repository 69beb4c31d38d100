package ibrik.tensor.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ibrik.tensor.DType;
import ibrik.tensor.NoLeaks;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.TensorSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/// What is written is what is read, for any types, shapes, bits and names.
class RoundTripTest {
  private static final List<DType> STORED =
      List.of(
          DType.F32,
          DType.F64,
          DType.BF16,
          DType.F16,
          DType.I64,
          DType.I32,
          DType.I8,
          DType.U8,
          DType.BOOL);

  @Provide
  Arbitrary<TensorSpec> specs() {
    Arbitrary<List<Long>> dims = Arbitraries.longs().between(0, 5).list().ofMaxSize(4);
    return Combinators.combine(Arbitraries.of(STORED), dims)
        .as((dtype, extents) -> new TensorSpec(dtype, Shape.of(extents)));
  }

  @Provide
  Arbitrary<String> names() {
    return Arbitraries.strings()
        .withChars('a', 'Z', '.', '0', '"', '\\', '/', '\n', '\0', '\u007f', '\u00e9', '\uffff')
        .ofMaxLength(12);
  }

  @Provide
  Arbitrary<Map<String, TensorSpec>> specsByName() {
    return Arbitraries.maps(names(), specs()).ofMaxSize(8);
  }

  @Provide
  Arbitrary<Map<String, String>> texts() {
    return Arbitraries.maps(names(), names()).ofMaxSize(4);
  }

  private static Tensor random(TensorSpec spec, RandomGenerator bits) {
    byte[] bytes = new byte[(int) spec.bytes()];
    bits.nextBytes(bytes);
    if (spec.dtype() == DType.BOOL) {
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] &= 1;
      }
    }
    return SafetensorsTest.raw(spec.dtype(), bytes, spec.shape().dims());
  }

  private static RandomGenerator generator(long seed) {
    return RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
  }

  private static void same(Tensor want, Tensor got) {
    assertEquals(want.spec(), got.spec());
    assertEquals(-1, want.data().mismatch(got.data()));
  }

  @Property(tries = 60)
  void safetensors(
      @ForAll("specsByName") Map<String, TensorSpec> specs,
      @ForAll("texts") Map<String, String> metadata,
      @ForAll long seed)
      throws IOException {
    Path path = Files.createTempFile("ibrik", ".safetensors");
    try (TensorScope _ = TensorScope.open()) {
      RandomGenerator bits = generator(seed);
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      specs.forEach((name, spec) -> tensors.put(name, random(spec, bits)));
      Safetensors.write(path, tensors, metadata);
      byte[] first = Files.readAllBytes(path);
      long header = ByteBuffer.wrap(first).order(ByteOrder.LITTLE_ENDIAN).getLong();
      assertEquals(0, header % 8, "numbers begin at a multiple of 8");

      SafetensorsFile file = Safetensors.open(path);
      assertEquals(metadata, file.metadata());
      Map<String, Tensor> loaded = Safetensors.read(path);
      assertEquals(specs.keySet(), loaded.keySet());
      tensors.forEach((name, tensor) -> same(tensor, loaded.get(name)));
      file.header()
          .entries()
          .forEach(
              (name, entry) ->
                  assertEquals(
                      0, entry.start() % entry.spec().dtype().elementBytes(), name + " aligned"));

      Safetensors.write(path, loaded, file.metadata());
      assertArrayEquals(first, Files.readAllBytes(path), "the same bytes again");
    } finally {
      Files.delete(path);
    }
    NoLeaks.check();
  }

  @Property(tries = 60)
  void npy(@ForAll("specs") TensorSpec spec, @ForAll long seed) throws IOException {
    if (spec.dtype() == DType.BF16) {
      return; // NumPy has no such type
    }
    Path path = Files.createTempFile("ibrik", ".npy");
    try (TensorScope _ = TensorScope.open()) {
      Tensor tensor = random(spec, generator(seed));
      Npy.write(path, tensor);
      assertEquals(0, (Files.size(path) - spec.bytes()) % 64, "numbers begin at a multiple of 64");
      same(tensor, Npy.read(path));
    } finally {
      Files.delete(path);
    }
    NoLeaks.check();
  }
}
