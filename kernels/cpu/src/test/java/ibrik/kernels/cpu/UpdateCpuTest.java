package ibrik.kernels.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import ibrik.spec.Comparer;
import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.Variable;
import ibrik.tensor.backend.Backends;
import ibrik.tensor.exec.Interpreter;
import ibrik.tensor.op.Update;
import ibrik.tensor.random.PhiloxStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// Every update op on the cpu against the scalar reference.
class UpdateCpuTest {
  private static final float[] SPECIAL = {
    Float.NaN, Float.POSITIVE_INFINITY, 1, Float.NEGATIVE_INFINITY, -0f, 0, 2
  };

  @AfterEach
  void restoreThreads() {
    Backends.threads(2);
  }

  private static Stream<DynamicTest> each(Consumer<UpdateSample> body) {
    return UpdateSample.all().stream()
        .map(
            sample ->
                DynamicTest.dynamicTest(
                    sample.toString(),
                    () -> {
                      long before = Backends.of(Device.CPU).memory(0).liveBytes();
                      body.accept(sample);
                      assertEquals(
                          before, Backends.of(Device.CPU).memory(0).liveBytes(), "bytes leaked");
                    }));
  }

  /// Runs the op on `device` and gives all written numbers, group by group.
  private static List<float[]> run(
      UpdateSample sample, DType dtype, Device device, boolean special) {
    List<Variable> variables = new ArrayList<>();
    try (TensorScope _ = TensorScope.open()) {
      for (int group = 0; group < sample.groups(); group++) {
        for (int size : sample.sizes()) {
          float[] values = new float[size];
          PhiloxStream random = new PhiloxStream(group, size);
          for (int i = 0; i < size; i++) {
            boolean odd = special && group == 1 && i % 5 == 2;
            values[i] = odd ? SPECIAL[i / 5 % SPECIAL.length] : (float) random.nextGaussian();
            values[i] = group == 3 ? Math.abs(values[i]) : values[i];
          }
          Tensor tensor = Tensor.of(values, size).cast(dtype).to(device);
          variables.add(Variable.of("v", tensor));
        }
      }
      sample.scalars().forEach(s -> variables.add(Variable.scalar("s", s, device)));
      List<Tensor> in = variables.stream().map(Variable::value).toList();
      List<Long> versions = in.stream().map(Tensor::version).toList();
      Interpreter.current().apply(sample.op(), in);
      List<float[]> written = new ArrayList<>();
      int count = sample.sizes().size();
      for (int i = 0; i < in.size(); i++) {
        boolean changes =
            count > 0 && sample.written().contains(i / count) && i < sample.groups() * count;
        assertEquals(versions.get(i) + (changes ? 1 : 0), in.get(i).version(), "version of " + i);
        if (changes) {
          written.add(in.get(i).toFloats());
        }
      }
      return written;
    } finally {
      variables.forEach(Variable::close);
    }
  }

  /// `factor` 0 asks for the same bits.
  private static void compare(List<float[]> got, List<float[]> want, double factor) {
    assertEquals(want.size(), got.size());
    for (int i = 0; i < want.size(); i++) {
      double[] g = doubles(got.get(i));
      double[] w = doubles(want.get(i));
      // A step is a handful of roundings.
      int worst = Comparer.worst(g, w, factor * Comparer.tolerance(w, DType.F32, 4));
      if (worst >= 0) {
        fail("written tensor " + i + "[" + worst + "]: got " + g[worst] + ", want " + w[worst]);
      }
    }
  }

  private static double[] doubles(float[] values) {
    double[] wide = new double[values.length];
    for (int i = 0; i < wide.length; i++) {
      wide[i] = values[i];
    }
    return wide;
  }

  @Test
  void everyUpdateOpIsSampled() {
    Set<Class<?>> sampled =
        UpdateSample.all().stream().map(s -> s.op().getClass()).collect(Collectors.toSet());
    assertEquals(Set.of(Update.class.getPermittedSubclasses()), sampled);
  }

  @TestFactory
  @Tag("lanes")
  Stream<DynamicTest> agreesWithReference() {
    return each(
        sample ->
            compare(
                run(sample, DType.F32, Device.CPU, false),
                run(sample, DType.F32, Device.REFERENCE, false),
                1));
  }

  @TestFactory
  Stream<DynamicTest> propagatesNanAndInfinity() {
    return each(
        sample ->
            compare(
                run(sample, DType.F32, Device.CPU, true),
                run(sample, DType.F32, Device.REFERENCE, true),
                1));
  }

  /// There is no f64 kernel: the reference serves, to the bit.
  @TestFactory
  Stream<DynamicTest> doublesFallBack() {
    return each(
        sample ->
            compare(
                run(sample, DType.F64, Device.CPU, false),
                run(sample, DType.F64, Device.REFERENCE, false),
                0));
  }

  @TestFactory
  Stream<DynamicTest> bitsDoNotDependOnThreads() {
    return each(
        sample -> {
          Backends.threads(1);
          List<float[]> first = run(sample, DType.F32, Device.CPU, false);
          for (int threads = 2; threads <= 4; threads++) {
            Backends.threads(threads);
            List<float[]> bits = run(sample, DType.F32, Device.CPU, false);
            for (int i = 0; i < first.size(); i++) {
              assertArrayEquals(first.get(i), bits.get(i), threads + " threads");
            }
          }
        });
  }
}
