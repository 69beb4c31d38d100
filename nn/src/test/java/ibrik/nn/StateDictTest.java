package ibrik.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ibrik.tensor.Device;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Loading takes exactly what was saved, or nothing.
@ExtendWith(NoLeaks.class)
class StateDictTest {
  private static Sequential net(Build build, int width) {
    return new Sequential(build)
        .add(b -> new Linear(b, 2, width, true))
        .add(b -> new BatchNorm(b, width));
  }

  private static Map<String, Tensor> tensors(Module module) {
    Map<String, Tensor> state = new LinkedHashMap<>();
    module.stateDict().forEach((name, variable) -> state.put(name, variable.value()));
    return state;
  }

  private static void same(Module a, Module b) {
    assertEquals(a.stateDict().size(), b.stateDict().size());
    var left = a.stateDict().values().iterator();
    var right = b.stateDict().values().iterator();
    while (left.hasNext()) {
      assertArrayEquals(left.next().value().toFloats(), right.next().value().toFloats());
    }
  }

  @Test
  void parametersAndBuffersAreLoadedFromAnyDevice() {
    try (TensorScope _ = TensorScope.open();
        Module saved = net(Build.cpu(1), 3);
        Module other = net(Build.cpu(2), 3)) {
      saved.buffers().getFirst().set(Tensor.of(new float[] {7, 8, 9}));
      Map<String, Tensor> state = tensors(saved);
      state.replaceAll((_, tensor) -> tensor.to(Device.REFERENCE));
      other.loadStateDict(state);
      same(saved, other);
    }
  }

  @Test
  void nothingChangesUnlessEverythingFits() {
    try (TensorScope _ = TensorScope.open();
        Module saved = net(Build.cpu(1), 3);
        Module other = net(Build.cpu(2), 3);
        Module untouched = net(Build.cpu(2), 3)) {
      Map<String, Tensor> state = tensors(saved);
      state.put("0.bias", Tensor.of(new double[3]));
      state.put("1.gamma", Tensor.of(new float[] {1}, 1));
      state.remove("1.beta");
      state.put("2.weight", Tensor.of(new int[2]));
      assertEquals(
          "[module] state must fit Sequential; got 0.bias must be f32[3], not f64[3]; 1.gamma must"
              + " be f32[3], not f32[1]; missing 1.beta: f32[3]; unexpected 2.weight: i32[2]; use"
              + " the model and options that the state was saved from",
          assertThrows(IllegalArgumentException.class, () -> other.loadStateDict(state))
              .getMessage());
      same(untouched, other);
    }
  }

  @Test
  void longListsAreCutOff() {
    try (Sequential net = net(Build.cpu(1), 3).add(b -> new BatchNorm(b, 3))) {
      String message =
          assertThrows(IllegalArgumentException.class, () -> net.loadStateDict(Map.of()))
              .getMessage();
      assertEquals(8, message.split("missing", -1).length - 1);
      assertEquals(true, message.contains("; and 2 more; use the model"), message);
    }
  }

  @Test
  void aCopyMayStandElsewhereInTheTree() {
    try (Module online = net(Build.cpu(1).child("online"), 3);
        Module target = net(Build.cpu(2).child("target").child("deep"), 3)) {
      target.copyStateFrom(online);
      same(online, target);
    }
  }
}
