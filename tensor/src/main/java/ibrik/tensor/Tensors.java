package ibrik.tensor;

import ibrik.tensor.exec.Interpreter;
import ibrik.tensor.op.Create;
import ibrik.tensor.op.RandomOp;
import java.util.List;

/// Makes tensors by ops: constants, ranges, random numbers.
public final class Tensors {
  private Tensors() {}

  /// Every element is `value`.
  public static Tensor full(TensorSpec spec, double value, Device device) {
    return Interpreter.current().apply1(new Create.Fill(spec, value, device), List.of());
  }

  /// Zeros.
  public static Tensor zeros(TensorSpec spec, Device device) {
    return full(spec, 0, device);
  }

  /// Zeros of the type, shape and device of `like`.
  public static Tensor zerosLike(Tensor like) {
    return full(like.spec(), 0, like.device());
  }

  /// Ones of the type, shape and device of `like`.
  public static Tensor onesLike(Tensor like) {
    return full(like.spec(), 1, like.device());
  }

  /// `0, 1, ..., n-1`.
  public static Tensor iota(long n, DType dtype, Device device) {
    return Interpreter.current().apply1(new Create.Iota(n, dtype, device), List.of());
  }

  /// The key of a random stream, i64 `[2]`.
  public static Tensor key(long seed, long stream, Device device) {
    return Tensor.of(new long[] {seed, stream}, 2).to(device);
  }

  /// Uniform in `[low, high)` on the device of `key`; rounding may give `high` itself.
  public static Tensor uniform(TensorSpec spec, double low, double high, Tensor key) {
    return Interpreter.current().apply1(new RandomOp.RandomUniform(spec, low, high), List.of(key));
  }

  /// Normal on the device of `key`.
  public static Tensor normal(TensorSpec spec, double mean, double std, Tensor key) {
    return Interpreter.current().apply1(new RandomOp.RandomNormal(spec, mean, std), List.of(key));
  }

  /// 0 or 1 on the device of `key`; 1 with probability `p`.
  public static Tensor bernoulli(TensorSpec spec, double p, Tensor key) {
    return Interpreter.current().apply1(new RandomOp.RandomBernoulli(spec, p), List.of(key));
  }
}
