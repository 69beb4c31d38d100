package ibrik.ssl.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.tensor.TensorScope;
import ibrik.tensor.io.Safetensors;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// What a checkpoint holds, and what is refused.
@ExtendWith(LiveBytes.class)
class CheckpointTest {
  @TempDir Path folder;

  @Test
  void holdsNetworksOptimiserAndProbe() throws Exception {
    new TinyRun("byol").train(folder, 1, 0, done -> done == 3);
    try (TensorScope _ = TensorScope.open()) {
      var file = Safetensors.open(folder.resolve("checkpoint.safetensors"));
      assertEquals("3", file.metadata().get("step"));
      for (String start :
          new String[] {
            "encoder.conv1.weight",
            "encoder.bn1.running_mean",
            "target_encoder.conv1.weight",
            "target_projector.",
            "predictor.",
            "optimizer.group0.momentum.encoder.conv1.weight",
            "optimizer.group1.momentum.predictor.",
            "online_probe."
          }) {
        assertTrue(file.names().stream().anyMatch(name -> name.startsWith(start)), start);
      }
    }
  }

  @Test
  void ofAnotherNetworkIsRefusedAndNamesWhatDiffers() {
    new TinyRun("byol").train(folder, 1, 0, done -> done == 1);
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> new TinyRun("byol").set("model.width", 0.5).train(folder))
            .getMessage();
    assertTrue(message.contains("does not fit this run"), message);
    assertTrue(message.contains("encoder.conv1.weight is f32[4,3,3,1], not f32[8,3,3,1]"), message);
  }

  @Test
  void cutOffOrForeignFilesAreRefused() throws Exception {
    new TinyRun("byol").train(folder, 1, 0, done -> done == 1);
    Path file = folder.resolve("checkpoint.safetensors");
    byte[] good = Files.readAllBytes(file);
    Files.write(file, java.util.Arrays.copyOf(good, good.length - 7));
    assertTrue(
        assertThrows(UncheckedIOException.class, () -> new TinyRun("byol").train(folder))
            .getMessage()
            .contains(file.toString()));
    Safetensors.write(file, Map.of(), Map.of("format", "pt"));
    assertTrue(
        assertThrows(IllegalArgumentException.class, () -> new TinyRun("byol").train(folder))
            .getMessage()
            .contains("is no checkpoint of this program; its format is pt"));
  }

  /// The folder cannot take a new file: the old checkpoint stands, the message says what to do.
  @Test
  void aRefusingDiskLeavesTheOldOne() throws Exception {
    new TinyRun("byol").train(folder, 1, 0, done -> done == 2);
    byte[] old = TinyRun.checkpoint(folder);
    Path moved = folder.resolveSibling(folder.getFileName() + "-moved");
    Exception failed =
        assertThrows(
            UncheckedIOException.class,
            () ->
                new TinyRun("byol")
                    .train(
                        folder,
                        1,
                        0,
                        done -> {
                          if (done == 4) {
                            move(folder, moved);
                          }
                          return done == 4;
                        }));
    move(moved, folder);
    assertArrayEquals(old, TinyRun.checkpoint(folder));
    assertTrue(failed.getMessage().contains("cannot write"), failed.getMessage());
    new TinyRun("byol").train(folder);
  }

  private static void move(Path from, Path to) {
    try {
      Files.move(from, to);
    } catch (java.io.IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  @Test
  void metersTravelBitForBit() {
    EpochMeter meter = new EpochMeter();
    assertEquals("0", meter.toText());
    meter.add(Map.of("loss", 0.1));
    meter.add(Map.of("loss", Math.PI));
    EpochMeter copy = new EpochMeter();
    copy.fromText(meter.toText());
    assertEquals(meter.means(), copy.means());
    assertEquals((0.1 + Math.PI) / 2, copy.means().get("loss"));
    copy.fromText("0");
    assertEquals(Map.of(), copy.means());
  }
}
