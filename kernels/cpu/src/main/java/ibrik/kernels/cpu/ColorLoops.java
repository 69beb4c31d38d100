package ibrik.kernels.cpu;

import static ibrik.kernels.cpu.Lanes.COUNT;
import static ibrik.kernels.cpu.Lanes.F32;

import ibrik.tensor.op.ImageOp.Augment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/// Changes of colour in place, clipped to [0, 1], over `count` floats, a whole number of vectors.
/// Where three channels meet, the second and the third lie `plane` and `2 plane` further on.
final class ColorLoops {
  private ColorLoops() {}

  /// `x factor + term`.
  static void affine(float[] x, int at, int count, float factor, float term) {
    for (int i = at; i < at + count; i += COUNT) {
      clip(FloatVector.fromArray(F32, x, i).mul(factor).add(term)).intoArray(x, i);
    }
  }

  /// `(x - mean) factor + mean`.
  static void around(float[] x, int at, int count, float mean, float factor) {
    for (int i = at; i < at + count; i += COUNT) {
      clip(FloatVector.fromArray(F32, x, i).sub(mean).mul(factor).add(mean)).intoArray(x, i);
    }
  }

  /// `x factor + grey (1 - factor)`.
  static void mixWithGrey(float[] x, int at, int plane, int count, float factor) {
    float rest = 1 - factor;
    for (int i = at; i < at + count; i += COUNT) {
      FloatVector r = FloatVector.fromArray(F32, x, i);
      FloatVector g = FloatVector.fromArray(F32, x, i + plane);
      FloatVector b = FloatVector.fromArray(F32, x, i + 2 * plane);
      FloatVector grey =
          r.mul(Augment.RED).add(g.mul(Augment.GREEN)).add(b.mul(Augment.BLUE)).mul(rest);
      clip(r.mul(factor).add(grey)).intoArray(x, i);
      clip(g.mul(factor).add(grey)).intoArray(x, i + plane);
      clip(b.mul(factor).add(grey)).intoArray(x, i + 2 * plane);
    }
  }

  /// Multiplies the saturation of HSV, at most to 1. Hue and value stay, so no hue is needed: how
  /// far a channel lies below the value is proportional to the saturation.
  static void saturate(float[] x, int at, int plane, int count, float factor) {
    for (int i = at; i < at + count; i += COUNT) {
      FloatVector r = FloatVector.fromArray(F32, x, i);
      FloatVector g = FloatVector.fromArray(F32, x, i + plane);
      FloatVector b = FloatVector.fromArray(F32, x, i + 2 * plane);
      FloatVector value = r.max(g.max(b));
      FloatVector chroma = value.sub(r.min(g.min(b)));
      VectorMask<Float> full = chroma.mul(factor).compare(VectorOperators.GT, value);
      FloatVector ratio = FloatVector.broadcast(F32, factor).blend(value.div(chroma), full);
      clip(value.sub(value.sub(r).mul(ratio))).intoArray(x, i);
      clip(value.sub(value.sub(g).mul(ratio))).intoArray(x, i + plane);
      clip(value.sub(value.sub(b).mul(ratio))).intoArray(x, i + 2 * plane);
    }
  }

  /// Turns the hue of HSV by `turns`, in [-0.5, 0.5]; grey has none and stays.
  static void turnHue(float[] x, int at, int plane, int count, float turns) {
    float shift = 6 * turns;
    for (int i = at; i < at + count; i += COUNT) {
      FloatVector r = FloatVector.fromArray(F32, x, i);
      FloatVector g = FloatVector.fromArray(F32, x, i + plane);
      FloatVector b = FloatVector.fromArray(F32, x, i + 2 * plane);
      FloatVector value = r.max(g.max(b));
      FloatVector chroma = value.sub(r.min(g.min(b)));
      // In sixths of the circle, from 2 to 14: red 6, green 8, blue 10, and the shift.
      VectorMask<Float> red = r.compare(VectorOperators.EQ, value);
      VectorMask<Float> green = g.compare(VectorOperators.EQ, value);
      FloatVector ahead = r.sub(g).blend(b.sub(r), green).blend(g.sub(b), red);
      FloatVector sector = FloatVector.broadcast(F32, 4).blend(2, green).blend(0, red);
      FloatVector turned = ahead.div(chroma).add(sector).add(shift).add(6);
      VectorMask<Float> grey = chroma.compare(VectorOperators.EQ, 0);
      clip(value.sub(chroma.mul(below(turned.add(5))))).blend(value, grey).intoArray(x, i);
      clip(value.sub(chroma.mul(below(turned.add(3))))).blend(value, grey).intoArray(x, i + plane);
      clip(value.sub(chroma.mul(below(turned.add(1)))))
          .blend(value, grey)
          .intoArray(x, i + 2 * plane);
    }
  }

  /// How far a channel lies below the value, as a share of the chroma: `max(0, min(k, 4 - k, 1))`
  /// with `k = x mod 6`, x in [0, 24).
  private static FloatVector below(FloatVector x) {
    FloatVector turns =
        FloatVector.zero(F32)
            .blend(1, x.compare(VectorOperators.GE, 6))
            .blend(2, x.compare(VectorOperators.GE, 12))
            .blend(3, x.compare(VectorOperators.GE, 18));
    FloatVector k = x.sub(turns.mul(6));
    return k.min(k.neg().add(4)).min(1).max(0);
  }

  /// Solarises from `threshold` on, clips, normalises.
  static void finish(float[] x, int at, int count, float threshold, float mean, float scale) {
    for (int i = at; i < at + count; i += COUNT) {
      FloatVector value = FloatVector.fromArray(F32, x, i);
      FloatVector inverted = value.neg().add(1);
      VectorMask<Float> dark = value.compare(VectorOperators.LT, threshold);
      clip(inverted.blend(value, dark)).sub(mean).mul(scale).intoArray(x, i);
    }
  }

  private static FloatVector clip(FloatVector x) {
    return x.max(0f).min(1f);
  }
}
