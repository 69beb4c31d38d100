package ibrik.nn;

import ibrik.tensor.DType;
import ibrik.tensor.Device;

/// Where and how a module makes its parameters.
///
/// @param dtype element type of parameters: f32 to train, f64 to check gradients
/// @param device where they live
/// @param seed names their initial numbers, together with each parameter's own name
/// @param path dotted name of the module under construction, empty at the root
/// @param precision what its layers multiply in
public record Build(DType dtype, Device device, long seed, String path, Precision precision) {
  /// Layers multiply in `dtype`.
  public Build(DType dtype, Device device, long seed, String path) {
    this(dtype, device, seed, path, Precision.F32);
  }

  /// f32 on the cpu.
  public static Build cpu(long seed) {
    return new Build(DType.F32, Device.CPU, seed, "");
  }

  /// The same for the child `name`.
  public Build child(String name) {
    String below = path.isEmpty() ? name : path + "." + name;
    return new Build(dtype, device, seed, below, precision);
  }
}
