package ibrik.tensor.io;

import ibrik.tensor.Device;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/// A safetensors file whose header was read and checked. Holds nothing open: each load opens the
/// file again. See [Safetensors#open].
public final class SafetensorsFile {
  private final Path path;
  private final SafetensorsHeader header;
  private final long dataStart;

  SafetensorsFile(Path path, SafetensorsHeader header, long dataStart) {
    this.path = path;
    this.header = header;
    this.dataStart = dataStart;
  }

  /// Where it lies.
  public Path path() {
    return path;
  }

  /// Metadata and the list of tensors.
  public SafetensorsHeader header() {
    return header;
  }

  /// Free text by key, in file order.
  public Map<String, String> metadata() {
    return header.metadata();
  }

  /// Names of the tensors, in file order.
  public Set<String> names() {
    return header.entries().keySet();
  }

  /// One tensor, on `device`, in the innermost [TensorScope].
  ///
  /// @throws IllegalArgumentException if the file has no tensor of that name
  /// @throws SafetensorsException if the file was changed since it was opened, or holds a bool that
  ///   is neither 0 nor 1
  /// @throws IOException if it cannot be read
  public Tensor load(String name, Device device) throws IOException {
    return load(Set.of(name), device).values().iterator().next();
  }

  /// All tensors by name, in file order, on `device`, in the innermost [TensorScope]. Loads all or
  /// none.
  ///
  /// @throws SafetensorsException if the file was changed since it was opened, or holds a bool that
  ///   is neither 0 nor 1
  /// @throws IOException if it cannot be read
  public Map<String, Tensor> load(Device device) throws IOException {
    return load(names(), device);
  }

  private Map<String, Tensor> load(Collection<String> names, Device device) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
        TensorScope scope = TensorScope.onFailure()) {
      if (channel.size() != dataStart + header.dataBytes()) {
        throw new SafetensorsException(
            path,
            "the file must not change while it is in use; got "
                + channel.size()
                + " bytes, "
                + (dataStart + header.dataBytes())
                + " when it was opened; open it again",
            null);
      }
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      for (String name : names) {
        SafetensorsHeader.Entry entry = header.entries().get(name);
        if (entry == null) {
          throw new IllegalArgumentException(
              "[safetensors] " + path + " has no tensor '" + name + "'; it has " + names());
        }
        tensors.put(name, load(channel, name, entry, device));
      }
      scope.succeed();
      return tensors;
    }
  }

  private Tensor load(
      FileChannel channel, String name, SafetensorsHeader.Entry entry, Device device)
      throws IOException {
    try {
      return TensorBytes.read(channel, dataStart + entry.start(), entry.spec(), device);
    } catch (IOException failed) {
      throw new SafetensorsException(
          path, "tensor " + HeaderJson.quote(name) + ": " + failed.getMessage(), failed);
    }
  }

  @Override
  public String toString() {
    return path + ": " + header.entries().size() + " tensors, " + header.dataBytes() + " B";
  }
}
