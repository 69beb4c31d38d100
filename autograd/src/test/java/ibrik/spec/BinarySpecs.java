package ibrik.spec;

import static ibrik.spec.Input.indices;
import static ibrik.spec.Input.normal;
import static ibrik.spec.OpSpec.flat;
import static ibrik.spec.OpSpec.kinked;
import static ibrik.spec.OpSpec.smooth;

import ibrik.tensor.DType;
import ibrik.tensor.op.Binary;
import ibrik.tensor.op.Binary.Outside;
import ibrik.tensor.op.Binary.Signs;
import ibrik.tensor.op.Binary.Surrogate;
import ibrik.tensor.op.Binary.WeightGradient;
import ibrik.tensor.op.Conv2dGeometry;
import java.util.List;

/// Samples of [Binary]. Signs have conventional gradients, so nothing is compared with differences
/// there; the backward ops and the rectifier have true derivatives.
final class BinarySpecs {
  private BinarySpecs() {}

  static void add(List<OpSpec> specs) {
    bits(specs);
    for (Signs signs : Signs.values()) {
      for (long n : new long[] {0, 1, 15, 16, 17, 1025}) {
        specs.add(flat(new Binary.SignBinarize(signs, Surrogate.CLIP), normal(n)));
      }
      specs.add(flat(new Binary.RSign(signs, Surrogate.CLIP), normal(2, 3, 35), normal(35)));
      specs.add(flat(new Binary.RSign(signs, Surrogate.APPROX), normal(0, 3), normal(3)));
      specs.add(flat(new Binary.RSign(signs, Surrogate.APPROX), normal(17), normal(17)));
      specs.add(flat(new Binary.RSign(signs, Surrogate.CLIP), normal(1), normal(1)));
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
      Input one = normal(1, 1);
      specs.add(flat(new Binary.BinarizeWeights(Signs.SIGN2, gradient), one));
      specs.add(kinked(new Binary.BinarizeWeightsBackward(Signs.SIGN2, gradient), one, one));
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

  private static void bits(List<OpSpec> specs) {
    for (long channels : new long[] {1, 15, 16, 31, 32, 33, 65, 130}) {
      specs.add(flat(new Binary.PackSigns(), normal(3, channels)));
    }
    specs.add(flat(new Binary.PackSigns(), normal(0, 7)));
    specs.add(flat(new Binary.PackSigns(), normal(1)));
    specs.add(flat(new Binary.PackSigns(), normal(40)));
    int any = Integer.MAX_VALUE; // words whose last bit is 0; negative words have their own test
    specs.add(flat(new Binary.UnpackSigns(40, DType.F32), indices(any, 3, 2)));
    specs.add(flat(new Binary.UnpackSigns(64, DType.F64), indices(any, 2)));
    specs.add(flat(new Binary.UnpackSigns(33, DType.F32), indices(any, 3, 2)));
    specs.add(flat(new Binary.UnpackSigns(1, DType.F32), indices(2, 1)));
    specs.add(flat(new Binary.UnpackSigns(40, DType.F32), indices(any, 0, 2)));
    for (Outside outside : Outside.values()) {
      conv(specs, Conv2dGeometry.of(1, 0), 1, outside, indices(2, 1, 1, 1, 1), 1, 1, 1, 2);
      // Five channels in a word: bits past them are 0.
      conv(specs, Conv2dGeometry.of(1, 1), 5, outside, indices(32, 2, 4, 5, 1), 3, 3, 3, 32);
      conv(specs, Conv2dGeometry.of(2, 1), 64, outside, indices(any, 1, 7, 6, 2), 33, 3, 2, any);
      conv(
          specs,
          new Conv2dGeometry(1, 2, 2, 1, 2, 1, 1),
          32,
          outside,
          indices(any, 1, 7, 6, 1),
          17,
          3,
          2,
          any);
      conv(
          specs,
          new Conv2dGeometry(2, 1, 1, 3, 1, 2, 1),
          31,
          outside,
          indices(any, 2, 5, 3, 1),
          40,
          2,
          3,
          any);
      conv(specs, Conv2dGeometry.of(1, 0), 96, outside, indices(any, 3, 1, 1, 3), 70, 1, 1, any);
    }
    conv(specs, Conv2dGeometry.of(1, 1), 64, Outside.ZERO, indices(any, 0, 4, 4, 2), 3, 3, 3, any);
  }

  private static void conv(
      List<OpSpec> specs,
      Conv2dGeometry g,
      long channels,
      Outside outside,
      Input x,
      long filters,
      long rows,
      long columns,
      int bound) {
    Input w = indices(bound, filters, rows, columns, x.shape().dim(3));
    specs.add(
        smooth(new Binary.XnorConv2d(g, channels, outside), x, w, normal(filters))
            .depth(channels * rows * columns)
            .finiteOnly());
  }
}
