package ibrik.kernels.cuda;

import static ibrik.kernels.cuda.EmulatedBackend.DEVICE;
import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.fail;

import ibrik.spec.Comparer;
import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.Variable;
import ibrik.tensor.backend.Backends;
import ibrik.tensor.exec.Interpreter;
import ibrik.tensor.op.Update;
import ibrik.tensor.random.PhiloxStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// Every update op, emulated, against the scalar reference.
class UpdateCudaTest {
  private static final float[] SPECIAL = {
    Float.NaN, Float.POSITIVE_INFINITY, 1, Float.NEGATIVE_INFINITY, -0f, 0, 2
  };

  /// Nothing, tails of packs, parts of 8192, and more tensors than one launch names.
  private static final List<List<Integer>> SIZES =
      List.of(
          List.of(),
          List.of(0),
          List.of(1),
          List.of(15, 16, 17, 0, 33),
          List.of(8193, 1, 7, 24_577),
          IntStream.range(0, 180).mapToObj(i -> i % 7).toList());

  /// An op on `groups` lists of vectors of these sizes, then its scalars; `written` groups change.
  private record Sample(
      Update op, int groups, List<Integer> written, List<Float> scalars, List<Integer> sizes) {
    @Override
    public String toString() {
      return op.tag() + " " + sizes.size() + " " + sizes.stream().limit(5).toList();
    }
  }

  @BeforeEach
  void emulates() {
    Emulation.assume();
  }

  private static List<Sample> samples() {
    List<Sample> samples = new ArrayList<>();
    for (List<Integer> sizes : SIZES) {
      int n = sizes.size();
      List<Double> decay = IntStream.range(0, n).mapToObj(i -> i % 2 == 0 ? 0.1 : 0).toList();
      List<Double> none = Collections.nCopies(n, 0.0);
      List<Boolean> adapt = IntStream.range(0, n).mapToObj(i -> i % 3 != 1).toList();
      List<Float> lr = List.of(0.3f);
      List<Integer> sgd = List.of(0, 2);
      samples.add(new Sample(new Update.Ema(n), 2, List.of(0), List.of(0.99f), sizes));
      samples.add(new Sample(new Update.Sgd(0.9, false, decay), 3, sgd, lr, sizes));
      samples.add(new Sample(new Update.Sgd(0.9, true, none), 3, sgd, lr, sizes));
      samples.add(new Sample(new Update.Lars(0.9, 0.01, false, decay, adapt), 3, sgd, lr, sizes));
      samples.add(new Sample(new Update.Lars(0, 0.5, true, decay, adapt), 3, sgd, lr, sizes));
      samples.add(
          new Sample(
              new Update.AdamW(0.9, 0.99, 1e-3, decay),
              4,
              List.of(0, 2, 3),
              List.of(0.3f, 3f),
              sizes));
      if (n == 1) {
        samples.add(new Sample(new Update.Assign(), 2, List.of(0), List.of(), sizes));
      }
    }
    return samples;
  }

  private static Stream<DynamicTest> each(Consumer<Sample> body) {
    return samples().stream()
        .map(
            sample ->
                DynamicTest.dynamicTest(
                    sample.toString(),
                    () -> {
                      long before = Backends.of(DEVICE).memory(0).liveBytes();
                      body.accept(sample);
                      assertEquals(
                          before, Backends.of(DEVICE).memory(0).liveBytes(), "bytes leaked");
                    }));
  }

  /// Runs the op on `device` and gives all written numbers, group by group. Zeros in a gradient or
  /// a parameter now and then, so that norms are 0.
  private static List<double[]> run(Sample sample, DType dtype, Device device, boolean special) {
    List<Variable> variables = new ArrayList<>();
    try (TensorScope _ = TensorScope.open()) {
      for (int group = 0; group < sample.groups; group++) {
        for (int t = 0; t < sample.sizes.size(); t++) {
          int size = sample.sizes.get(t);
          float[] values = new float[size];
          PhiloxStream random = new PhiloxStream(group, t);
          for (int i = 0; i < size; i++) {
            boolean odd = special && group == 1 && i % 5 == 2;
            values[i] = odd ? SPECIAL[i / 5 % SPECIAL.length] : (float) random.nextGaussian();
            values[i] = group == 3 ? Math.abs(values[i]) : values[i];
            values[i] = t % 11 == 6 && group == 0 ? 0 : values[i];
          }
          variables.add(Variable.of("v", Tensor.of(values, size).cast(dtype).to(device)));
        }
      }
      sample.scalars.forEach(s -> variables.add(Variable.scalar("s", s, device)));
      List<Tensor> in = variables.stream().map(Variable::value).toList();
      assertNotNull(
          Backends.of(DEVICE).kernel(sample.op, in.stream().map(Tensor::spec).toList()),
          "must be served");
      Interpreter.current().apply(sample.op, in);
      int count = sample.sizes.size();
      List<double[]> written = new ArrayList<>();
      for (int group : sample.written) {
        for (int t = 0; t < count; t++) {
          written.add(in.get(group * count + t).toDoubles());
        }
      }
      return written;
    } finally {
      variables.forEach(Variable::close);
    }
  }

  private static void compare(Sample sample, DType dtype, boolean special) {
    List<double[]> got = run(sample, dtype, DEVICE, special);
    List<double[]> want = run(sample, dtype, Device.REFERENCE, special);
    assertEquals(want.size(), got.size());
    for (int i = 0; i < want.size(); i++) {
      double[] w = want.get(i);
      // A step is a handful of roundings of numbers around 1, which may cancel; bf16 keeps 8
      // digits.
      double[] scale =
          w.length == 0 ? w : DoubleStream.concat(DoubleStream.of(w), DoubleStream.of(1)).toArray();
      double tolerance =
          dtype == DType.BF16
              ? Comparer.tolerance(scale, DType.F32, 1) / 8 * (1 << 17)
              : Comparer.tolerance(scale, dtype, 4);
      int worst = Comparer.worst(got.get(i), w, tolerance);
      if (worst >= 0) {
        fail("written " + i + "[" + worst + "]: got " + got.get(i)[worst] + ", want " + w[worst]);
      }
    }
  }

  @Test
  void everyUpdateOpIsSampled() {
    Set<Class<?>> sampled =
        samples().stream().map(s -> s.op.getClass()).collect(Collectors.toSet());
    assertEquals(Set.of(Update.class.getPermittedSubclasses()), sampled);
  }

  @TestFactory
  Stream<DynamicTest> agreesWithReference() {
    return each(sample -> compare(sample, DType.F32, false));
  }

  @TestFactory
  Stream<DynamicTest> agreesInDoubles() {
    return each(sample -> compare(sample, DType.F64, false));
  }

  @TestFactory
  Stream<DynamicTest> agreesInBf16() {
    return each(sample -> compare(sample, DType.BF16, false));
  }

  @TestFactory
  Stream<DynamicTest> propagatesNanAndInfinity() {
    return each(sample -> compare(sample, DType.F32, true));
  }

  @TestFactory
  Stream<DynamicTest> bitsDoNotDependOnTheOrderOfThreads() {
    return each(
        sample -> {
          List<double[]> first = run(sample, DType.F32, DEVICE, false);
          List<double[]> second = run(sample, DType.F32, DEVICE, false);
          for (int i = 0; i < first.size(); i++) {
            assertArrayEquals(first.get(i), second.get(i));
          }
        });
  }

  /// A list of several element types is cut into launches of one each.
  @Test
  void servesListsOfSeveralTypes() {
    try (TensorScope _ = TensorScope.open();
        Variable a = Variable.of("a", Tensor.of(new float[] {1, 2, 3}, 3).to(DEVICE));
        Variable b = Variable.of("b", Tensor.of(new double[] {4}, 1).to(DEVICE));
        Variable tau = Variable.scalar("tau", 0.5f, DEVICE)) {
      Tensor three = Tensor.of(new float[] {3, 4, 5}, 3).to(DEVICE);
      Tensor six = Tensor.of(new double[] {6}, 1).to(DEVICE);
      List<Tensor> in = List.of(a.value(), b.value(), three, six, tau.value());
      List<TensorSpec> specs = in.stream().map(Tensor::spec).toList();
      assertNotNull(Backends.of(DEVICE).kernel(new Update.Ema(2), specs));
      Interpreter.current().apply(new Update.Ema(2), in);
      assertArrayEquals(new double[] {2, 3, 4}, a.value().toDoubles());
      assertArrayEquals(new double[] {5}, b.value().toDoubles());
    }
  }

  /// Packs must not reach over the end: of each vector the first 13 numbers belong to the op, and
  /// the others stay as they are.
  @TestFactory
  Stream<DynamicTest> touchesNothingBehindATensor() {
    return samples().stream()
        .filter(sample -> sample.sizes.equals(List.of(1)))
        .map(
            sample ->
                DynamicTest.dynamicTest(
                    sample.toString(),
                    () -> {
                      float[] ones = new float[40];
                      Arrays.fill(ones, 1);
                      try (TensorScope _ = TensorScope.open()) {
                        List<Tensor> whole = new ArrayList<>();
                        List<Tensor> in = new ArrayList<>();
                        for (int group = 0; group < sample.groups; group++) {
                          whole.add(Tensor.of(ones, 40).mul(2 + group).to(DEVICE));
                          in.add(whole.getLast().narrow(0, 0, 13));
                        }
                        sample.scalars.forEach(s -> in.add(Tensor.of(new float[] {s}).to(DEVICE)));
                        List<TensorSpec> specs = in.stream().map(Tensor::spec).toList();
                        requireNonNull(Backends.of(DEVICE).kernel(sample.op, specs))
                            .run(in, List.of());
                        for (int group : sample.written) {
                          float[] values = whole.get(group).toFloats();
                          for (int i = 0; i < values.length; i++) {
                            assertEquals(i >= 13, values[i] == 2 + group, group + ": " + i);
                          }
                        }
                      }
                    }));
  }
}
