package ibrik.kernels.cuda;

import ibrik.kernels.cuda.driver.Arguments;
import ibrik.kernels.cuda.driver.Grid;
import ibrik.tensor.Tensor;

/// A launch that is being put together: arguments in the order of the kernel's parameters, then
/// [#run]. One per thread is used again and again.
public final class Launch {
  private final CudaDevice gpu;
  private final Arguments arguments = new Arguments();
  private long function;

  Launch(CudaDevice gpu) {
    this.gpu = gpu;
  }

  Launch of(long kernel) {
    function = kernel;
    arguments.clear();
    return this;
  }

  /// The address of the first element.
  public Launch tensor(Tensor tensor) {
    arguments.add(CudaBuffer.address(tensor));
    return this;
  }

  /// A device address, such as that of scratch memory.
  public Launch address(long address) {
    arguments.add(address);
    return this;
  }

  /// `long long`
  public Launch i64(long value) {
    arguments.add(value);
    return this;
  }

  /// `int`
  public Launch i32(int value) {
    arguments.add(value);
    return this;
  }

  /// `float`
  public Launch f32(float value) {
    arguments.add(value);
    return this;
  }

  /// `double`
  public Launch f64(double value) {
    arguments.add(value);
    return this;
  }

  /// A struct of `long long`s, by value.
  public Launch struct(long... fields) {
    arguments.add(fields);
    return this;
  }

  /// Enqueues the kernel. An empty grid is no launch.
  public void run(Grid grid) {
    if (!grid.isEmpty()) {
      gpu.launch(function, grid, arguments);
    }
  }
}
