package ibrik.kernels.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ibrik.spec.Comparer;
import ibrik.spec.Input;
import ibrik.spec.OpSpec;
import ibrik.spec.OpSpecs;
import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.Tensors;
import ibrik.tensor.backend.Backends;
import ibrik.tensor.op.Create;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// Generated from the specs: every op on the cpu backend against the scalar reference. Those tagged
/// `lanes` run again with vectors of 4 and of 8 lanes.
class CpuSpecTest {
  @AfterEach
  void restoreThreads() {
    Backends.threads(2);
  }

  private static Stream<DynamicTest> each(Stream<OpSpec> specs, Consumer<OpSpec> body) {
    return specs.map(
        spec ->
            DynamicTest.dynamicTest(
                spec.toString(),
                () -> {
                  long before = Backends.of(Device.CPU).memory(0).liveBytes();
                  body.accept(spec);
                  assertEquals(
                      before, Backends.of(Device.CPU).memory(0).liveBytes(), "bytes leaked");
                }));
  }

  private static List<Tensor> onReference(OpSpec spec, List<Tensor> in) {
    List<Tensor> moved = in.stream().map(t -> t.to(Device.REFERENCE)).toList();
    OpSpec there =
        spec.op() instanceof Create.Fill(var s, double v, _)
            ? OpSpec.flat(new Create.Fill(s, v, Device.REFERENCE))
            : spec.op() instanceof Create.Iota(long n, DType t, _)
                ? OpSpec.flat(new Create.Iota(n, t, Device.REFERENCE))
                : spec;
    return there.run(moved);
  }

  private static void compare(OpSpec spec, List<Tensor> in) {
    List<Tensor> got = spec.run(in);
    List<Tensor> want = onReference(spec, in);
    for (int i = 0; i < want.size(); i++) {
      Comparer.check("output " + i, got.get(i).to(Device.REFERENCE), want.get(i), spec);
    }
  }

  @TestFactory
  @Tag("lanes")
  Stream<DynamicTest> agreesWithReference() {
    return each(
        OpSpecs.all().stream(),
        spec -> {
          for (DType floating : List.of(DType.F32, DType.F64)) {
            try (TensorScope _ = TensorScope.open()) {
              compare(spec, spec.make(floating, Device.CPU, 21));
            }
          }
        });
  }

  @TestFactory
  @Tag("lanes")
  Stream<DynamicTest> largeSamplesAgreeWithReference() {
    return each(
        OpSpecs.large().stream(),
        spec -> {
          try (TensorScope _ = TensorScope.open()) {
            compare(spec, spec.make(DType.F32, Device.CPU, 25));
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> propagatesNanAndInfinity() {
    return each(
        OpSpecs.all().stream().filter(OpSpec::specialInputs),
        spec -> {
          try (TensorScope _ = TensorScope.open()) {
            OpSpec special =
                new OpSpec(
                    spec.op(),
                    spec.inputs().stream().map(Input::special).toList(),
                    false,
                    false,
                    spec.depth(),
                    spec.loose(),
                    true);
            compare(special, special.make(DType.F32, Device.CPU, 22));
          }
        });
  }

  /// Leading slices are aligned to one element only.
  @TestFactory
  @Tag("lanes")
  Stream<DynamicTest> acceptsOffsetViews() {
    return each(
        OpSpecs.all().stream()
            .filter(s -> !s.inputs().isEmpty())
            .filter(s -> s.inputs().getFirst().shape().rank() == 1),
        spec -> {
          try (TensorScope _ = TensorScope.open()) {
            List<Tensor> in =
                spec.make(DType.F32, Device.CPU, 23).stream()
                    .map(
                        t ->
                            t.rank() == 0
                                ? t
                                : ibrik.tensor.LayoutOps.concat(
                                        0, List.of(t.narrow(0, 0, Math.min(1, t.dim(0))), t))
                                    .narrow(0, Math.min(1, t.dim(0)), t.dim(0)))
                    .toList();
            compare(spec, in);
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> bitsDoNotDependOnThreads() {
    return each(
        Stream.concat(OpSpecs.all().stream(), OpSpecs.large().stream()),
        spec -> {
          try (TensorScope _ = TensorScope.open()) {
            List<Tensor> in = spec.make(DType.F32, Device.CPU, 24);
            byte[][] first = null;
            for (int threads : new int[] {1, 2, 3, 4}) {
              Backends.threads(threads);
              byte[][] bits =
                  spec.run(in).stream()
                      .map(t -> t.data().toArray(ValueLayout.JAVA_BYTE))
                      .toArray(byte[][]::new);
              if (first == null) {
                first = bits;
              }
              for (int i = 0; i < bits.length; i++) {
                assertArrayEquals(
                    first[i], bits[i], spec + ", " + threads + " threads, output " + i);
              }
            }
          }
        });
  }

  @Test
  void servesTheDeviceNamedCpu() {
    assertEquals("cpu", Backends.of(Device.CPU).name());
    assertEquals(CpuBackend.class, Backends.of(Device.CPU).getClass());
    try (TensorScope _ = TensorScope.open()) {
      assertEquals(3, Tensors.iota(3, DType.I32, Device.CPU).elems());
    }
  }
}
