package ibrik.bench;

import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.op.QuantGrid;
import ibrik.tensor.op.Quantize;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/// `fake_quantize` and its gradient for x in f32: `x [rows,columns]`, one scale and zero point per
/// `axis` element or for all; 7 flops per element, 8 bytes forward, 12 backward.
public class FakeQuantizeBench extends OpBench {
  /// `rowsxcolumns`: a layer's weights, activations beyond the caches.
  @Param({"512x4608", "6272x2048"})
  public String size = "512x4608";

  /// What has a scale of its own: `whole`, `rows`, `columns`.
  @Param({"whole", "rows", "columns"})
  public String scales = "rows";

  private Quantize.FakeQuantize forward = new Quantize.FakeQuantize(QuantGrid.signed(8), 0);
  private Quantize.FakeQuantizeBackward backward =
      new Quantize.FakeQuantizeBackward(forward.grid(), 0);
  private Quantize.FakeQuantizeParametersBackward parameters =
      new Quantize.FakeQuantizeParametersBackward(forward.grid(), 0);
  private List<Tensor> in = List.of();
  private List<Tensor> inBackward = List.of();
  private Work work = new Work(0, 0);
  private Work workBackward = new Work(0, 0);
  private Work workParameters = new Work(0, 0);

  /// JMH makes it.
  public FakeQuantizeBench() {}

  /// Makes the inputs and checks the result.
  @Setup(Level.Trial)
  public void open() {
    long[] sizes = Sizes.parse(size, 2);
    int axis = scales.equals("columns") ? 1 : 0;
    QuantGrid grid = QuantGrid.signed(8);
    forward = new Quantize.FakeQuantize(grid, axis);
    backward = new Quantize.FakeQuantizeBackward(grid, axis);
    parameters = new Quantize.FakeQuantizeParametersBackward(grid, axis);
    Tensor x = input(sizes);
    Tensor dy = input(sizes);
    boolean whole = scales.equals("whole");
    // The size of a step and the zero point stay positive and small for normal numbers.
    Tensor scale = constant(0.02, whole, sizes[axis]);
    Tensor zero = constant(3, whole, sizes[axis]);
    in = List.of(x, scale, zero);
    inBackward = List.of(x, scale, zero, dy);
    work = Work.of(forward, in.stream().map(Tensor::spec).toList());
    workBackward = Work.of(backward, inBackward.stream().map(Tensor::spec).toList());
    workParameters = Work.of(parameters, inBackward.stream().map(Tensor::spec).toList());
    float[] values = x.toFloats();
    float inverse = 1 / 0.02f;
    Probe.check(
        forward,
        in,
        1,
        at -> {
          double q = Math.rint(values[Math.toIntExact(at)] * inverse) + 3;
          return (Math.clamp(q, -128, 127) - 3) * 0.02f;
        });
  }

  private Tensor constant(double value, boolean whole, long count) {
    return whole ? filled(value) : filled(value, count);
  }

  /// One pass.
  @Benchmark
  public double forward(Rates rates) {
    return run(forward, in, work, rates);
  }

  /// The same by seven ops with kernels of their own; it differs from the definition for NaN only.
  @Benchmark
  public double forwardComposed(Rates rates) {
    QuantGrid grid = forward.grid();
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = in.get(0);
      long[] shape = forward.axis() == 0 ? new long[] {-1, 1} : new long[] {-1};
      Tensor scale = in.get(1).reshape(shape);
      Tensor zero = in.get(2).reshape(shape);
      Tensor q = x.mul(scale.reciprocal()).round().add(zero).clamp(grid.low(), grid.high());
      Tensor out = q.sub(zero).mul(scale);
      rates.add(work);
      return out.reshape(-1).narrow(0, 0, 1).item();
    }
  }

  /// The gradient for x.
  @Benchmark
  public double backward(Rates rates) {
    return run(backward, inBackward, workBackward, rates);
  }

  /// The gradients for x, scale and zero point.
  @Benchmark
  public double parametersBackward(Rates rates) {
    return run(parameters, inBackward, workParameters, rates);
  }
}
