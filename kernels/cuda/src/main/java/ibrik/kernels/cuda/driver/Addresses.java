package ibrik.kernels.cuda.driver;

import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;

/// Addresses as the objects that JCuda wants: a few fields, no buffer behind them.
final class Addresses {
  private Addresses() {}

  /// Host memory, or device memory for the libraries.
  static Pointer pointer(long address) {
    return new At(address);
  }

  /// Device memory for the driver.
  static CUdeviceptr device(long address) {
    return new OnDevice(address);
  }

  private static final class At extends Pointer {
    At(long address) {
      super(address);
    }
  }

  private static final class OnDevice extends CUdeviceptr {
    OnDevice(long address) {
      super(new CUdeviceptr(), address); // null and a distance
    }
  }

  /// A device address that the driver fills in.
  static final class Out extends CUdeviceptr {
    long address() {
      return getNativePointer();
    }
  }

  /// A host address that the driver fills in.
  static final class OutPointer extends Pointer {
    long address() {
      return getNativePointer();
    }
  }
}
