package ibrik.nn.init;

import ibrik.tensor.Device;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.Tensors;
import ibrik.tensor.random.PhiloxStream;

/// How a parameter starts. The numbers depend on the seed and the parameter's full name alone, so a
/// layer added elsewhere does not change them. Weights are output-first, `[out, ..., in]`.
@FunctionalInterface
public interface Init {
  /// How many numbers meet at a unit of a layer: sets the scale of its weights.
  enum Fan {
    /// Numbers that enter an output: all extents but the first.
    IN,
    /// Numbers that an input reaches: all extents but the last.
    OUT;

    private double of(TensorSpec spec) {
      long other = this == IN ? spec.shape().dim(0) : spec.shape().dim(-1);
      return (double) spec.elems() / other;
    }
  }

  /// The initial tensor, owned by the innermost scope.
  Tensor make(TensorSpec spec, long seed, String name, Device device);

  /// Every number is `value`.
  static Init constant(double value) {
    return (spec, _, _, device) -> Tensors.full(spec, value, device);
  }

  /// [#kaimingNormal(Fan)] over the fan out, the mode commonly used for residual networks.
  static Init kaimingNormal() {
    return kaimingNormal(Fan.OUT);
  }

  /// Normal with standard deviation `sqrt(2 / fan)` (He et al. 2015, arXiv:1502.01852, eq. 10 and
  /// 14).
  static Init kaimingNormal(Fan fan) {
    return (spec, seed, name, device) ->
        normal(spec, Math.sqrt(2 / fan.of(spec)), seed, name, device);
  }

  /// Uniform in `±sqrt(6 / fan)`: the deviation of [#kaimingNormal(Fan)].
  static Init kaimingUniform(Fan fan) {
    return (spec, seed, name, device) ->
        uniform(spec, Math.sqrt(6 / fan.of(spec)), seed, name, device);
  }

  /// Uniform in `±1 / sqrt(fan in)`: the usual default of linear layers.
  static Init uniformFanIn() {
    return (spec, seed, name, device) ->
        uniform(spec, 1 / Math.sqrt(Fan.IN.of(spec)), seed, name, device);
  }

  /// Uniform in `±bound`.
  static Init uniform(double bound) {
    return (spec, seed, name, device) -> uniform(spec, bound, seed, name, device);
  }

  /// Normal with standard deviation `std`.
  static Init normal(double std) {
    return (spec, seed, name, device) -> normal(spec, std, seed, name, device);
  }

  /// Normal cut off at two standard deviations, with deviation `1 / sqrt(fan in)` before the cut
  /// and 0.88 of that after it (Haiku's default).
  static Init truncatedNormal() {
    return (spec, seed, name, device) ->
        truncatedNormal(1 / Math.sqrt(Fan.IN.of(spec))).make(spec, seed, name, device);
  }

  /// Normal with deviation `std` before it is cut off at two of them: the usual start of vision
  /// transformers, with 0.02.
  static Init truncatedNormal(double std) {
    return (spec, seed, name, device) -> {
      PhiloxStream random = new PhiloxStream(seed, stream(name));
      double[] values = new double[Math.toIntExact(spec.elems())];
      for (int i = 0; i < values.length; i++) {
        double z = random.nextGaussian();
        while (Math.abs(z) > 2) {
          z = random.nextGaussian();
        }
        values[i] = std * z;
      }
      return Tensor.of(values, values.length).reshape(spec.shape()).cast(spec.dtype()).to(device);
    };
  }

  /// Normal with standard deviation `sqrt(2 / (fan in + fan out))` (Glorot and Bengio 2010, eq.
  /// 12).
  static Init xavierNormal() {
    return (spec, seed, name, device) ->
        normal(spec, Math.sqrt(2 / bothFans(spec)), seed, name, device);
  }

  /// Uniform in `±sqrt(6 / (fan in + fan out))` (Glorot and Bengio 2010, eq. 16).
  static Init xavierUniform() {
    return (spec, seed, name, device) ->
        uniform(spec, Math.sqrt(6 / bothFans(spec)), seed, name, device);
  }

  private static double bothFans(TensorSpec spec) {
    return Fan.IN.of(spec) + Fan.OUT.of(spec);
  }

  private static Tensor normal(TensorSpec spec, double std, long seed, String name, Device device) {
    return Tensors.normal(spec, 0, std, key(seed, name, device));
  }

  private static Tensor uniform(
      TensorSpec spec, double bound, long seed, String name, Device device) {
    return Tensors.uniform(spec, -bound, bound, key(seed, name, device));
  }

  /// The key of the random stream that belongs to a name.
  static Tensor key(long seed, String name, Device device) {
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
}
