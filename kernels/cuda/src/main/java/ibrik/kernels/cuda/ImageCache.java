package ibrik.kernels.cuda;

import ibrik.kernels.cuda.driver.DeviceInfo;
import ibrik.kernels.cuda.driver.Driver;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Machine code by what it was made of: source, options, architecture and compiler.
final class ImageCache {
  private final @Nullable KeyedFiles files;

  private ImageCache(@Nullable KeyedFiles files) {
    this.files = files;
  }

  /// Keeps files in `folder`.
  static ImageCache in(Path folder) {
    return new ImageCache(new KeyedFiles(folder, "ibrik cubin 1", ".cubin"));
  }

  /// Keeps nothing.
  static ImageCache none() {
    return new ImageCache(null);
  }

  /// The machine code of `source` for `device`.
  byte[] image(Driver driver, DeviceInfo device, CudaSource source) {
    List<String> options = new ArrayList<>(source.options());
    options.add("-arch=" + device.arch());
    options.add("-default-device");
    if (files == null) {
      return driver.compile(source.text(), source.name(), options);
    }
    byte[] key =
        String.join("\n", driver.compiler(), options.toString(), source.name(), source.text())
            .getBytes(StandardCharsets.UTF_8);
    byte[] kept = files.read(key);
    if (kept != null) {
      return kept;
    }
    byte[] image = driver.compile(source.text(), source.name(), options);
    files.write(key, image);
    return image;
  }
}
