package ibrik.tensor.op;

import ibrik.tensor.DType;
import ibrik.tensor.Shape;
import ibrik.tensor.TensorSpec;
import java.util.List;

/// Random tensors from Philox4x32-10. The only input is `key`, i64 `[2]` = (seed, stream), a tensor
/// so that a replayed program draws anew when the key's variable moves on. Element `i` depends on
/// key and `i` alone: block `b` of the stream gives f32 elements `4b..4b+3` or f64 elements `2b,
/// 2b+1`.
public sealed interface RandomOp extends Op {
  /// Type and shape of the result; floating point.
  TensorSpec spec();

  @Override
  default List<TensorSpec> infer(List<TensorSpec> in) {
    Check.of(this, in, "key")
        .type(0, DType.I64)
        .rule(in.getFirst().shape().equals(Shape.of(2)), "key must have shape [2]: seed, stream")
        .rule(spec().dtype().isFloat(), "the result must be floating point; asked for " + spec())
        .done();
    return List.of(spec());
  }

  /// Uniform in `[low, high)` before rounding, which may give `high` itself.
  record RandomUniform(TensorSpec spec, double low, double high) implements RandomOp {}

  /// Normal with this mean and standard deviation (Box-Muller: words 0,1 give `r cos`, `r sin`).
  record RandomNormal(TensorSpec spec, double mean, double std) implements RandomOp {}

  /// 1 with probability `p`, else 0.
  record RandomBernoulli(TensorSpec spec, double p) implements RandomOp {}
}
