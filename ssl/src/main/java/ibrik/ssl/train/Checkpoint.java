package ibrik.ssl.train;

import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.Variable;
import ibrik.tensor.io.Safetensors;
import ibrik.tensor.io.SafetensorsFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// All that training changes, in one safetensors file: variables by name, and counters as metadata.
/// Nothing in it depends on the clock, so that equal runs have equal checkpoints, byte for byte.
final class Checkpoint {
  private static final String FORMAT = "ibrik-checkpoint-1";

  private Checkpoint() {}

  /// Writes the file as a whole: after a failure the old one is still there.
  ///
  /// @throws UncheckedIOException if the disk refuses
  static void save(Path path, Map<String, Variable> state, long step, EpochMeter meter) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    state.forEach((name, variable) -> tensors.put(name, variable.value()));
    Map<String, String> counters = new LinkedHashMap<>();
    counters.put("format", FORMAT);
    counters.put("step", Long.toString(step));
    counters.put("meter", meter.toText());
    try {
      Safetensors.write(path, tensors, counters);
    } catch (IOException refused) {
      throw new UncheckedIOException(refused);
    }
  }

  /// Puts everything back and returns the number of steps done. Nothing changes unless all fits.
  ///
  /// @throws IllegalArgumentException if it is no checkpoint of this program or of this run
  /// @throws UncheckedIOException if it cannot be read
  static long load(Path path, Map<String, Variable> state, EpochMeter meter) {
    try (TensorScope _ = TensorScope.open()) {
      SafetensorsFile file = Safetensors.open(path);
      String step = file.metadata().get("step");
      String numbers = file.metadata().get("meter");
      if (!FORMAT.equals(file.metadata().get("format")) || step == null || numbers == null) {
        throw new IllegalArgumentException(
            "[checkpoint] "
                + path
                + " is no checkpoint of this program; its format is "
                + file.metadata().get("format")
                + ", expected "
                + FORMAT);
      }
      Map<String, Tensor> stored = file.load(ibrik.tensor.Device.CPU);
      check(path, state, stored);
      state.forEach(
          (name, variable) -> {
            try (TensorScope _ = TensorScope.open()) {
              Tensor found = Objects.requireNonNull(stored.get(name));
              variable.set(found.to(variable.value().device()));
            }
          });
      meter.fromText(numbers);
      return Long.parseLong(step);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  private static void check(Path path, Map<String, Variable> state, Map<String, Tensor> stored) {
    List<String> wrong = new ArrayList<>();
    state.forEach(
        (name, variable) -> {
          Tensor found = stored.get(name);
          if (found == null) {
            wrong.add("has no " + name);
          } else if (!found.spec().equals(variable.spec())) {
            wrong.add(name + " is " + found.spec() + ", not " + variable.spec());
          }
        });
    stored.keySet().stream()
        .filter(name -> !state.containsKey(name))
        .forEach(name -> wrong.add("has an unknown " + name));
    if (!wrong.isEmpty()) {
      throw new IllegalArgumentException(
          "[checkpoint] "
              + path
              + " does not fit this run: "
              + String.join("; ", wrong.subList(0, Math.min(8, wrong.size())))
              + (wrong.size() > 8 ? "; and " + (wrong.size() - 8) + " more" : ""));
    }
  }
}
