package ibrik.bench;

import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.Tensors;
import ibrik.tensor.op.Create;
import ibrik.tensor.op.RandomOp;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/// Ops that make f32 numbers from nothing or from a key: 4 bytes per element.
public class SourceBench extends FamilyBench {
  /// Tag of the op.
  @Param({"fill", "iota", "random_uniform", "random_normal", "random_bernoulli"})
  public String op = "random_normal";

  /// Bytes written by a run.
  @Param({Sizes.L1, Sizes.L2, Sizes.L3, Sizes.MEMORY})
  public String bytes = Sizes.L2;

  /// JMH makes it.
  public SourceBench() {}

  /// Makes the key and checks the result.
  @Override
  @Setup(Level.Trial)
  public void open() {
    Device on = Device.parse(device);
    TensorSpec spec = new TensorSpec(DType.F32, Shape.of(Sizes.bytes(bytes) / 4));
    Tensor key = held(() -> Tensors.key(1, 0, on));
    switch (op) {
      // The device is an attribute: the reference cannot be asked with the same op.
      case "fill" -> choose(new Create.Fill(spec, 0.5, on));
      case "iota" -> choose(new Create.Iota(spec.elems(), DType.F32, on));
      case "random_uniform" -> use(new RandomOp.RandomUniform(spec, 0, 1), 1, key);
      // Logarithm, root and cosine lie between the words and the number.
      case "random_normal" -> use(new RandomOp.RandomNormal(spec, 0, 1), 16, key);
      case "random_bernoulli" -> use(new RandomOp.RandomBernoulli(spec, 0.3), 1, key);
      default -> throw unknown(op);
    }
  }

  /// One pass.
  @Benchmark
  public double make(Rates rates) {
    return run(rates);
  }
}
