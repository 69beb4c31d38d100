package ibrik.spec;

import static ibrik.spec.Input.normal;
import static ibrik.spec.OpSpec.flat;
import static ibrik.spec.OpSpec.kinked;

import ibrik.tensor.op.Binary;
import ibrik.tensor.op.Binary.Signs;
import ibrik.tensor.op.Binary.Surrogate;
import ibrik.tensor.op.Binary.WeightGradient;
import java.util.List;

/// Samples of [Binary]. Signs have conventional gradients, so nothing is compared with differences
/// there; the backward ops and the rectifier have true derivatives.
final class BinarySpecs {
  private BinarySpecs() {}

  static void add(List<OpSpec> specs) {
    for (Signs signs : Signs.values()) {
      for (long n : new long[] {0, 1, 15, 16, 17, 1025}) {
        specs.add(flat(new Binary.SignBinarize(signs, Surrogate.CLIP), normal(n)));
      }
      specs.add(flat(new Binary.RSign(signs, Surrogate.CLIP), normal(2, 3, 35), normal(35)));
      specs.add(flat(new Binary.RSign(signs, Surrogate.APPROX), normal(0, 3), normal(3)));
      specs.add(flat(new Binary.RSign(signs, Surrogate.APPROX), normal(17), normal(17)));
    }
    for (Surrogate surrogate : Surrogate.values()) {
      for (long n : new long[] {0, 1, 17, 1025}) {
        specs.add(kinked(new Binary.SignBinarizeBackward(surrogate), normal(n), normal(n)));
      }
      for (long[] shape : new long[][] {{3, 2, 19}, {1, 1}, {33}, {0, 3}, {1100, 16}}) {
        long channels = shape[shape.length - 1];
        Input x = normal(shape);
        specs.add(
            kinked(new Binary.RSignBackward(surrogate), x, normal(channels), x)
                .depth(Math.max(1, x.shape().elems() / channels)));
      }
    }
    for (long[] shape : new long[][] {{3, 2, 19}, {1, 1}, {33}, {0, 3}, {1100, 17}}) {
      Input x = normal(shape);
      Input c = normal(shape[shape.length - 1]);
      specs.add(kinked(new Binary.RPRelu(), x, c, c, c));
      specs.add(
          kinked(new Binary.RPReluBackward(), x, c, c, x)
              .depth(Math.max(1, x.shape().elems() / c.shape().elems())));
    }
    for (WeightGradient gradient : WeightGradient.values()) {
      Input w = normal(3, 2, 2, 5);
      specs.add(flat(new Binary.BinarizeWeights(Signs.SIGN2, gradient), w).depth(20));
      specs.add(kinked(new Binary.BinarizeWeightsBackward(Signs.SIGN2, gradient), w, w).depth(20));
    }
    Input w = normal(7, 33);
    specs.add(flat(new Binary.BinarizeWeights(Signs.SIGN3, WeightGradient.EXACT), w).depth(33));
    specs.add(
        kinked(new Binary.BinarizeWeightsBackward(Signs.SIGN3, WeightGradient.EXACT), w, w)
            .depth(33));
  }
}
