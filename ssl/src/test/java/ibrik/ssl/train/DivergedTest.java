package ibrik.ssl.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// A number that is not finite stops a run, names its first op, and leaves the last checkpoint.
@ExtendWith(LiveBytes.class)
class DivergedTest {
  @TempDir Path folder;

  @Test
  void namesTheFirstOpAndTheStep() {
    TinyRun run = new TinyRun("supervised").set("train.base_lr", 1e30).set("eval.probe_lr", 0.0);
    DivergedException thrown =
        assertThrows(DivergedException.class, () -> run.train(folder, 1, 1, _ -> false));
    String message = thrown.getMessage();
    assertTrue(
        message.matches("\\[train] (loss|grad_norm) is no finite number at step \\d+; .*"),
        message);
    assertTrue(message.contains("first: ["), message);
    assertTrue(message.contains("made a NaN or infinity (op number"), message);
    assertTrue(message.contains("lower --base-lr"), message);
    byte[] last = TinyRun.checkpoint(folder);
    DivergedException again =
        assertThrows(DivergedException.class, () -> run.train(folder, 1, 1, _ -> false));
    assertTrue(again.step() == thrown.step(), again.getMessage());
    assertArrayEquals(last, TinyRun.checkpoint(folder));
  }
}
