package ibrik.tensor.reference;

import ibrik.tensor.DType;
import ibrik.tensor.Elements;
import ibrik.tensor.Tensor;
import ibrik.tensor.backend.Kernel;
import ibrik.tensor.op.RandomOp;
import ibrik.tensor.random.Philox;

/// Scalar meaning of [RandomOp]. Transcendentals are [StrictMath], so bits agree on every machine.
final class RandomReference {
  private RandomReference() {}

  static Kernel kernel(RandomOp op) {
    return (in, outs) -> {
      Tensor out = outs.getFirst();
      long seed = Elements.getLong(in.getFirst().data(), DType.I64, 0);
      long stream = Elements.getLong(in.getFirst().data(), DType.I64, 1);
      int[] words = new int[4];
      double[] unit = new double[4];
      int perBlock = out.dtype() == DType.F64 ? 2 : 4;
      for (long start = 0; start < out.elems(); start += perBlock) {
        Philox.block(seed, start / perBlock, stream, words);
        for (int k = 0; k < perBlock; k++) {
          unit[k] =
              perBlock == 2
                  ? Philox.toUnitDouble(words[2 * k], words[2 * k + 1])
                  : Philox.toUnitFloat(words[k]);
        }
        for (int k = 0; k < perBlock && start + k < out.elems(); k++) {
          double value =
              switch (op) {
                case RandomOp.RandomUniform uniform ->
                    uniform.low() + (uniform.high() - uniform.low()) * unit[k];
                case RandomOp.RandomNormal normal ->
                    normal.mean()
                        + normal.std() * gaussian(unit[k & ~1], unit[k | 1], (k & 1) == 0);
                case RandomOp.RandomBernoulli bernoulli -> unit[k] < bernoulli.p() ? 1 : 0;
              };
          Elements.set(out.data(), out.dtype(), start + k, value);
        }
      }
    };
  }

  /// Box-Muller; `1 - u` keeps the logarithm finite.
  private static double gaussian(double u, double v, boolean cosine) {
    double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - u));
    double angle = 2 * Math.PI * v;
    return radius * (cosine ? StrictMath.cos(angle) : StrictMath.sin(angle));
  }
}
