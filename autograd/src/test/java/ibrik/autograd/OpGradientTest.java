package ibrik.autograd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.spec.Comparer;
import ibrik.spec.OpSpec;
import ibrik.spec.OpSpecs;
import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.backend.Backends;
import ibrik.tensor.exec.Eval;
import ibrik.tensor.exec.Interpreter;
import ibrik.tensor.op.Composite;
import ibrik.tensor.op.CustomOp;
import ibrik.tensor.op.Op;
import ibrik.tensor.op.Update;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// Generated from the specs: every gradient rule against central differences, first and second
/// order, and composed against scalar meaning on the reference device.
class OpGradientTest {
  private static final long[] SEEDS = {11, 12};

  /// The first float output, or all of them joined: several outputs are checked as one long vector.
  private static Tensor value(OpSpec spec, List<Tensor> in) {
    List<Tensor> floats =
        spec.run(in).stream().filter(t -> t.dtype().isFloat()).map(t -> t.reshape(-1)).toList();
    return floats.size() == 1 ? floats.getFirst() : ibrik.tensor.LayoutOps.concat(0, floats);
  }

  private static Stream<DynamicTest> each(
      java.util.function.Predicate<OpSpec> which, java.util.function.Consumer<OpSpec> body) {
    return OpSpecs.all().stream()
        .filter(which)
        .map(
            spec ->
                DynamicTest.dynamicTest(
                    spec.toString(),
                    () -> {
                      long before = Backends.of(Device.REFERENCE).memory(0).liveBytes();
                      body.accept(spec);
                      assertEquals(
                          before,
                          Backends.of(Device.REFERENCE).memory(0).liveBytes(),
                          "bytes leaked");
                    }));
  }

  private static boolean small(OpSpec spec) {
    return spec.inputs().stream().mapToLong(i -> i.shape().elems()).sum() <= 1100;
  }

  @TestFactory
  Stream<DynamicTest> firstOrder() {
    return each(
        spec -> spec.gradient() && small(spec),
        spec -> {
          for (long seed : SEEDS) {
            try (TensorScope _ = TensorScope.open()) {
              GradCheck.of(in -> value(spec, in))
                  .firstOrder(spec.make(DType.F64, Device.REFERENCE, seed), seed)
                  .orThrow();
            }
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> secondOrder() {
    return each(
        spec ->
            spec.smooth() && spec.inputs().stream().mapToLong(i -> i.shape().elems()).sum() < 200,
        spec -> {
          try (TensorScope _ = TensorScope.open()) {
            GradCheck.of(in -> value(spec, in))
                .secondOrder(spec.make(DType.F64, Device.REFERENCE, 5), 5)
                .orThrow();
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> reverseRunsAgreeBitForBit() {
    return each(
        spec -> spec.gradient() && small(spec),
        spec -> {
          try (TensorScope _ = TensorScope.open()) {
            List<Tensor> in = spec.make(DType.F64, Device.REFERENCE, 3);
            List<Tensor> wrt = in.stream().filter(t -> t.dtype().isFloat()).toList();
            List<List<Double>> runs = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
              try (Tape.Run run = Tape.record(() -> value(spec, in).square().sum())) {
                runs.add(
                    run.gradients(wrt).stream()
                        .flatMap(g -> java.util.Arrays.stream(g.toDoubles()).boxed())
                        .toList());
              }
            }
            assertEquals(runs.get(0), runs.get(1));
          }
        });
  }

  /// The composed definition must agree with itself under the tape's own rules: the fused rule
  /// against the rules of its parts.
  @TestFactory
  Stream<DynamicTest> fusedRuleEqualsRulesOfItsParts() {
    return each(
        spec -> spec.op() instanceof Composite && spec.gradient() && small(spec),
        spec -> {
          try (TensorScope _ = TensorScope.open()) {
            Composite composite = (Composite) spec.op();
            List<Tensor> in = spec.make(DType.F64, Device.REFERENCE, 9);
            List<Tensor> wrt = in.stream().filter(t -> t.dtype().isFloat()).toList();
            try (Tape.Run fused = Tape.record(() -> spec.run(in).getFirst().square().sum());
                Tape.Run parts =
                    Tape.record(() -> composite.compose(in).getFirst().square().sum())) {
              List<Tensor> a = fused.gradients(wrt);
              List<Tensor> b = parts.gradients(wrt);
              for (int i = 0; i < a.size(); i++) {
                double[] want = b.get(i).toDoubles();
                double tolerance =
                    1e-9 * Math.max(1, Comparer.tolerance(want, DType.F64, 1) / 1e-15);
                assertEquals(-1, Comparer.worst(a.get(i).toDoubles(), want, tolerance));
              }
            }
          }
        });
  }

  @Test
  void everyOpHasASpec() {
    Set<Class<?>> covered =
        OpSpecs.all().stream().map(spec -> spec.op().getClass()).collect(Collectors.toSet());
    List<String> missing = new ArrayList<>();
    collect(Op.class, missing, covered);
    assertEquals(List.of(), missing, "ops without a spec");
    assertTrue(covered.size() > 50);
  }

  private static void collect(Class<?> type, List<String> missing, Set<Class<?>> covered) {
    if (type == CustomOp.class || type == Update.class) {
      return;
    }
    Class<?>[] permitted = type.getPermittedSubclasses();
    if (permitted == null) {
      if (!covered.contains(type)) {
        missing.add(type.getSimpleName());
      }
      return;
    }
    for (Class<?> one : permitted) {
      collect(one, missing, covered);
    }
  }

  @Test
  void evalIsTheBottom() {
    assertEquals(Eval.INSTANCE, Interpreter.current());
  }
}
