package ibrik.ssl.method;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ibrik.nn.MlpHead;
import ibrik.nn.model.Encoder;
import ibrik.nn.schedule.Schedule;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PartsTest extends MethodTest {
  private static final int BATCH = 8;

  /// One of everything; its "loss" is the mean feature.
  private static final class Everything extends PartsMethod {
    final Encoder encoder;
    final MlpHead head;
    final MomentumTarget target;
    final RandomKey key;

    Everything(Parts parts) {
      super(parts);
      encoder = parts.encoder();
      head = parts.head("head", FEATURES, MlpHead.Config.byol(3, 2));
      target = parts.target(Schedule.constant(0.75), "encoder", "head");
      parts.queue("queue", 2 * BATCH, 2);
      key = parts.random("noise");
    }

    @Override
    public Pass forward(List<Tensor> views, Tensor labels) {
      Tensor y = encoder.forward(views.getFirst());
      Tensor z = head.forward(y);
      return new Pass(z.mean(), y, z);
    }

    @Override
    public double collapseValue() {
      return 0;
    }
  }

  private static Everything everything() {
    return Parts.assemble(setting(0, BATCH, 10), Everything::new);
  }

  @Test
  void whatAMethodIsMadeOf() {
    try (Everything method = everything()) {
      assertEquals(
          List.of("encoder", "head", "target_encoder", "target_head"),
          List.copyOf(method.networks().keySet()));
      assertEquals(
          method.encoder.parameters().size() + method.head.parameters().size(),
          method.trainable().size());
      assertEquals(Map.of("tau", 0.75, "queue_age", 0.0), method.scalars(3));
      assertEquals(2, method.viewCount());
      assertEquals(method.encoder, method.encoder());
      long networks =
          method.networks().values().stream().mapToLong(n -> n.stateDict().size()).sum();
      assertEquals(networks + 3, method.state().size());
      List<Method.Group> groups = method.groups(method.head, 10, true);
      assertEquals(method.encoder.parameters(), groups.get(0).parameters());
      assertEquals(new Method.Group(method.head.parameters(), 10, true), groups.get(1));
    }
  }

  /// Starts equal; then each move leaves three quarters of the distance, in parameters only.
  @Test
  void theTargetFollows() {
    try (TensorScope _ = TensorScope.open();
        Everything method = everything()) {
      Tensor x = images(BATCH, 0);
      assertArrayEquals(
          method.head.forward(method.encoder.forward(x)).toDoubles(),
          method.target.forward(x).toDoubles());
      method.trainable().forEach(p -> p.variable().set(p.value().add(1)));
      Map<String, double[]> before = snapshot(method);
      for (int step = 1; step <= 3; step++) {
        method.target.step();
        double left = Math.pow(0.75, step);
        for (String network : List.of("encoder", "head")) {
          method
              .networks()
              .get("target_" + network)
              .parameters()
              .forEach(
                  p -> {
                    double[] now = p.value().toDoubles();
                    double[] online = before.get(p.name().substring(7));
                    for (int i = 0; i < now.length; i++) {
                      assertEquals(online[i] - left, now[i], 1e-5, p.name());
                    }
                  });
        }
      }
      snapshot(method)
          .forEach(
              (name, numbers) -> {
                if (name.contains(".running_") || !name.startsWith("target_")) {
                  assertArrayEquals(before.get(name), numbers, name);
                }
              });
    }
  }

  @Test
  void aTargetFollowsWhatThereIs() {
    IllegalArgumentException thrown =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                Parts.assemble(
                    setting(0, BATCH, 10),
                    parts -> {
                      parts.encoder();
                      parts.target(Schedule.constant(1), "encoder", "projector");
                      return new Everything(parts);
                    }));
    assertEquals(
        "[target] must follow a network that was made before; got projector; made: [encoder,"
            + " target_encoder]",
        thrown.getMessage());
  }

  /// Keys of one name differ from step to step and from those of another name.
  @Test
  void keysMoveWithTheStep() {
    try (Everything method = everything()) {
      long[] first = method.key.value().toLongs();
      method.beforeStep(1);
      long[] second = method.key.value().toLongs();
      assertEquals(first[0], second[0]);
      assertEquals(first[1] + 1, second[1]);
      method.beforeStep(0);
      assertArrayEquals(first, method.key.value().toLongs());
      try (RandomKey other = new RandomKey(first[0], "shuffle", ibrik.tensor.Device.CPU)) {
        assertFalse(Arrays.equals(first, other.value().toLongs()));
      }
    }
  }
}
