package ibrik.nn.init;

import ibrik.tensor.Device;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.Tensors;
import ibrik.tensor.random.PhiloxStream;

/// How a parameter starts. The numbers depend on the seed and the parameter's full name alone, so a
/// layer added elsewhere does not change them. Fans: `fanIn` is the product of all extents but the
/// first (weights are output-first), `fanOut` the first extent times the extents between the first and
/// the last.
@FunctionalInterface
public interface Init {
  /// The initial tensor, owned by the innermost scope.
  Tensor make(TensorSpec spec, long seed, String name, Device device);

  /// Every number is `value`.
  static Init constant(double value) {
    return (spec, _, _, device) -> Tensors.full(spec, value, device);
  }

  /// Normal with standard deviation `sqrt(2 / fanOut)` (He et al. 2015, arXiv:1502.01852; the mode
  /// commonly used for residual networks).
  static Init kaimingNormal() {
    return (spec, seed, name, device) ->
        normal(spec, Math.sqrt(2.0 / fanOut(spec)), seed, name, device);
  }

  /// Uniform in `±1 / sqrt(fanIn)`: the usual default of linear layers.
  static Init uniformFanIn() {
    return (spec, seed, name, device) -> {
      double bound = 1 / Math.sqrt(fanIn(spec));
      return Tensors.uniform(spec, -bound, bound, key(seed, name, device));
    };
  }

  /// Uniform in `±1 / sqrt(fanIn)` for a given fan: biases.
  static Init uniform(double bound) {
    return (spec, seed, name, device) ->
        Tensors.uniform(spec, -bound, bound, key(seed, name, device));
  }

  /// Normal with standard deviation `std`.
  static Init normal(double std) {
    return (spec, seed, name, device) -> normal(spec, std, seed, name, device);
  }

  /// Normal cut off at two standard deviations, with deviation `1 / sqrt(fanIn)` before the cut
  /// (Haiku's default).
  static Init truncatedNormal() {
    return (spec, seed, name, device) -> {
      double std = 1 / Math.sqrt(fanIn(spec));
      PhiloxStream random = new PhiloxStream(seed, stream(name));
      double[] values = new double[Math.toIntExact(spec.elems())];
      for (int i = 0; i < values.length; i++) {
        double z = random.nextGaussian();
        while (Math.abs(z) > 2) {
          z = random.nextGaussian();
        }
        values[i] = std * z;
      }
      return Tensor.of(values, values.length)
          .reshape(spec.shape())
          .cast(spec.dtype())
          .to(device);
    };
  }

  /// Uniform in `±sqrt(6 / (fanIn + fanOut))` (Glorot and Bengio 2010).
  static Init xavierUniform() {
    return (spec, seed, name, device) -> {
      double bound = Math.sqrt(6.0 / (fanIn(spec) + fanOut(spec)));
      return Tensors.uniform(spec, -bound, bound, key(seed, name, device));
    };
  }

  private static Tensor normal(
      TensorSpec spec, double std, long seed, String name, Device device) {
    return Tensors.normal(spec, 0, std, key(seed, name, device));
  }

  private static Tensor key(long seed, String name, Device device) {
    return Tensors.key(seed, stream(name), device);
  }

  /// A 64-bit FNV-1a hash of the name.
  private static long stream(String name) {
    long hash = 0xcbf29ce484222325L;
    for (int i = 0; i < name.length(); i++) {
      hash = (hash ^ name.charAt(i)) * 0x100000001b3L;
    }
    return hash;
  }

  private static long fanIn(TensorSpec spec) {
    return spec.elems() / spec.shape().dim(0);
  }

  private static long fanOut(TensorSpec spec) {
    return spec.elems() / spec.shape().dim(-1);
  }
}
