package ibrik.tensor.backend;

import ibrik.tensor.Tensor;
import java.util.List;

/// A way back for single numbers: the monitors of a training step. [#request] sends for all of them
/// at once, [#number] waits for that and for nothing that was run since.
///
/// ```java
/// try (Readout seen = Readout.of(List.of(loss, norm))) {
///   step.replay();
///   seen.request();
///   prepareWhatComesNext();               // the device is at work
///   log(seen.number(0), seen.number(1));
/// }
/// ```
///
/// Closing frees the memory that numbers arrive in. Not thread-safe.
public interface Readout extends AutoCloseable {
  /// A readout of tensors with one element each, all on one device; they must stay open as long.
  ///
  /// @throws IllegalArgumentException if one has another number of elements
  static Readout of(List<Tensor> tensors) {
    for (Tensor tensor : tensors) {
      if (tensor.elems() != 1) {
        throw new IllegalArgumentException(
            "[readout] tensors must have one element each; got "
                + tensor.spec()
                + "; read it with to(Device.CPU)");
      }
    }
    return Backends.of(tensors.getFirst().device()).readout(tensors);
  }

  /// Sends for the numbers as they are when the device comes to this point.
  void request();

  /// Number `index` of the last request; waits until it is there.
  double number(int index);

  @Override
  void close();
}
