package ibrik.kernels.cuda;

import ibrik.kernels.cuda.driver.DeviceInfo;
import ibrik.kernels.cuda.driver.Driver;
import java.util.ArrayList;
import java.util.List;

/// Machine code of sources: compiled on first use.
final class ImageCache {
  byte[] image(Driver driver, DeviceInfo device, CudaSource source) {
    List<String> options = new ArrayList<>(source.options());
    options.add("-arch=" + device.arch());
    return driver.compile(source.text(), source.name(), options);
  }
}
