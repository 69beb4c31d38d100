package example;

import ibrik.tensor.Tensor;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.exec.Interpreter;
import ibrik.tensor.op.Check;
import ibrik.tensor.op.CustomOp;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// `x sigmoid(beta x)`, Ramachandran et al. 2017, arXiv:1710.05941.
public record Swish(double beta) implements CustomOp {
  /// Applies it.
  public static Tensor of(Tensor x, double beta) {
    return Interpreter.current().apply1(new Swish(beta), List.of(x));
  }

  @Override
  public List<TensorSpec> infer(List<TensorSpec> in) {
    Check.of(this, in, "x").floating().done();
    return List.of(in.getFirst());
  }

  @Override
  public List<Tensor> compose(List<Tensor> in) {
    Tensor x = in.getFirst();
    return List.of(x.mul(x.mul(beta).sigmoid()));
  }

  @Override
  public List<@Nullable Tensor> vjp(
      List<Tensor> in, List<Tensor> out, List<@Nullable Tensor> cotangents) {
    Tensor s = in.getFirst().mul(beta).sigmoid();
    Tensor y = out.getFirst();
    Tensor slope = s.add(y.sub(y.mul(s)).mul(beta)); // s + beta y (1 - s)
    Tensor ct = cotangents.getFirst();
    return Arrays.asList(ct == null ? null : ct.mul(slope));
  }
}
