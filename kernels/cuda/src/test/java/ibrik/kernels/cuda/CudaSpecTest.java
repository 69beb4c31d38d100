package ibrik.kernels.cuda;

import static ibrik.kernels.cuda.EmulatedBackend.DEVICE;
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
import ibrik.tensor.TensorSpec;
import ibrik.tensor.backend.Backends;
import ibrik.tensor.op.Create;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Generated from the specs: every op that has a kernel, emulated, against the scalar reference.
class CudaSpecTest {
  @BeforeEach
  void emulates() {
    Emulation.assume();
  }

  /// The spec with `Create`s that make on `device`.
  static OpSpec on(Device device, OpSpec spec) {
    return switch (spec.op()) {
      case Create.Fill(var s, double v, _) -> OpSpec.flat(new Create.Fill(s, v, device));
      case Create.Iota(long n, DType t, _) -> OpSpec.flat(new Create.Iota(n, t, device));
      default -> spec;
    };
  }

  /// Whether the backend has a kernel of its own for it.
  static boolean served(OpSpec spec, DType floating) {
    return served(spec, floating, DEVICE);
  }

  static boolean served(OpSpec spec, DType floating, Device device) {
    List<TensorSpec> in =
        spec.inputs().stream()
            .map(input -> new TensorSpec(input.dtype(floating), input.shape()))
            .toList();
    return Backends.of(device).kernel(on(device, spec).op(), in) != null;
  }

  private static Stream<DynamicTest> each(
      Stream<OpSpec> specs, List<DType> types, Consumer<List<Object>> body) {
    return specs.flatMap(
        spec ->
            types.stream()
                .filter(type -> served(spec, type))
                .map(
                    type ->
                        DynamicTest.dynamicTest(
                            spec + " " + type,
                            () -> {
                              long before = Backends.of(DEVICE).memory(0).liveBytes();
                              try (TensorScope _ = TensorScope.open()) {
                                body.accept(List.of(spec, type));
                              }
                              assertEquals(
                                  before,
                                  Backends.of(DEVICE).memory(0).liveBytes(),
                                  "bytes leaked");
                            })));
  }

  /// On the device of the tests, and on the reference.
  static void compare(OpSpec spec, List<Tensor> in) {
    compare(spec, in, DEVICE);
  }

  static void compare(OpSpec spec, List<Tensor> in, Device device) {
    List<Tensor> got = on(device, spec).run(in);
    List<Tensor> moved = in.stream().map(t -> t.to(Device.REFERENCE)).toList();
    List<Tensor> want = on(Device.REFERENCE, spec).run(moved);
    for (int i = 0; i < want.size(); i++) {
      Comparer.check("output " + i, got.get(i).to(Device.REFERENCE), want.get(i), spec);
    }
  }

  @TestFactory
  Stream<DynamicTest> agreesWithReference() {
    return each(
        OpSpecs.all().stream(),
        List.of(DType.F32, DType.F64),
        (spec, type) -> compare(spec, spec.make(type, DEVICE, 21)));
  }

  @TestFactory
  Stream<DynamicTest> largeSamplesAgreeWithReference() {
    return each(
        OpSpecs.large().stream(),
        List.of(DType.F32),
        (spec, type) -> compare(spec, spec.make(type, DEVICE, 25)));
  }

  @TestFactory
  Stream<DynamicTest> propagatesNanAndInfinity() {
    return each(
        OpSpecs.all().stream().filter(OpSpec::specialInputs),
        List.of(DType.F32),
        (spec, type) -> {
          OpSpec special =
              new OpSpec(
                  spec.op(),
                  spec.inputs().stream().map(Input::special).toList(),
                  false,
                  false,
                  spec.depth(),
                  spec.loose(),
                  true);
          compare(special, special.make(type, DEVICE, 22));
        });
  }

  /// Leading slices are aligned to one element only.
  @TestFactory
  Stream<DynamicTest> acceptsOffsetViews() {
    return each(
        OpSpecs.all().stream()
            .filter(s -> !s.inputs().isEmpty())
            .filter(s -> s.inputs().getFirst().shape().rank() >= 1),
        List.of(DType.F32),
        (spec, type) ->
            compare(
                spec, spec.make(type, Device.CPU, 23).stream().map(CudaSpecTest::offset).toList()));
  }

  /// The same numbers, one row into a larger block of the device.
  static Tensor offset(Tensor t) {
    if (t.rank() == 0 || t.dim(0) == 0) {
      return t.to(DEVICE);
    }
    Tensor flat = t.reshape(t.elems());
    Tensor longer =
        ibrik.tensor.LayoutOps.concat(0, List.of(flat.narrow(0, 0, Math.min(1, t.elems())), flat));
    return longer.to(DEVICE).narrow(0, Math.min(1, t.elems()), t.elems()).reshape(t.shape());
  }

  /// Fibers and blocks run in another order every time.
  @TestFactory
  Stream<DynamicTest> bitsDoNotDependOnTheOrderOfThreads() {
    return each(
        Stream.concat(OpSpecs.all().stream(), OpSpecs.large().stream()),
        List.of(DType.F32),
        (spec, type) -> {
          List<Tensor> in = spec.make(type, DEVICE, 24);
          List<Tensor> first = on(DEVICE, spec).run(in);
          List<Tensor> second = on(DEVICE, spec).run(in);
          for (int i = 0; i < first.size(); i++) {
            assertArrayEquals(first.get(i).toDoubles(), second.get(i).toDoubles());
          }
        });
  }

  private interface Body {
    void run(OpSpec spec, DType type);
  }

  private static Stream<DynamicTest> each(Stream<OpSpec> specs, List<DType> types, Body body) {
    return each(
        specs,
        types,
        (Consumer<List<Object>>) pair -> body.run((OpSpec) pair.get(0), (DType) pair.get(1)));
  }
}
