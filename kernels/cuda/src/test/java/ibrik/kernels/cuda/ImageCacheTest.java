package ibrik.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.kernels.cuda.driver.DeviceInfo;
import ibrik.kernels.cuda.driver.RecordingDriver;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Machine code on disk.
class ImageCacheTest {
  private static final DeviceInfo HOPPER = new DeviceInfo("H", 9, 0, 1, 1, 1, 1);
  private static final DeviceInfo AMPERE = new DeviceInfo("A", 8, 0, 1, 1, 1, 1);
  private static final CudaSource SOURCE = CudaSource.ofText("a.cu", "one");

  /// What the recording driver makes of it.
  private static final byte[] CODE = "code of one\n".getBytes(StandardCharsets.UTF_8);

  @TempDir Path folder;
  private final RecordingDriver driver = new RecordingDriver(1);

  private byte[] image(DeviceInfo device, CudaSource source) {
    return ImageCache.in(folder).image(driver, device, source); // as a process that just started
  }

  private long compiled() {
    return driver.count("compile");
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.toList();
    }
  }

  @Test
  void compilesOnce() {
    byte[] first = image(HOPPER, SOURCE);
    assertArrayEquals(CODE, first);
    assertArrayEquals(first, image(HOPPER, SOURCE));
    assertEquals(List.of("compile a.cu [-arch=sm_90, -default-device]"), driver.calls);
  }

  @Test
  void allThatMattersIsInTheKey() {
    image(HOPPER, SOURCE);
    image(AMPERE, SOURCE);
    image(HOPPER, SOURCE.define("N", 3));
    image(HOPPER, CudaSource.ofText("a.cu", "two"));
    driver.compilerName = "recorded 1.1";
    image(HOPPER, SOURCE);
    assertEquals(5, compiled());
    image(HOPPER, SOURCE);
    assertEquals(5, compiled());
  }

  @Test
  void corruptFilesAreMadeAgain() throws IOException {
    byte[] want = image(HOPPER, SOURCE);
    Path file = files().getFirst();
    byte[] whole = Files.readAllBytes(file);
    for (int broken :
        new int[] {0, 20, 47, 60, whole.length - 1}) { // mark, hash, length, key, code
      byte[] bytes = whole.clone();
      bytes[broken] ^= 1;
      Files.write(file, bytes);
      long before = compiled();
      assertArrayEquals(want, image(HOPPER, SOURCE));
      assertEquals(before + 1, compiled(), "byte " + broken);
      assertArrayEquals(whole, Files.readAllBytes(file), "mended");
    }
    for (int length : new int[] {0, 10, 45, whole.length - 1}) {
      Files.write(file, Arrays.copyOf(whole, length));
      long before = compiled();
      assertArrayEquals(want, image(HOPPER, SOURCE));
      assertEquals(before + 1, compiled(), length + " bytes");
    }
  }

  @Test
  void aWholeFileOfAnotherKeyIsNotTaken() throws IOException {
    image(HOPPER, SOURCE);
    Path mine = files().getFirst();
    byte[] own = Files.readAllBytes(mine);
    Files.delete(mine);
    image(AMPERE, SOURCE);
    Files.move(files().getFirst(), mine);
    byte[] got = image(HOPPER, SOURCE);
    assertArrayEquals(CODE, got);
    assertEquals(3, compiled());
    assertArrayEquals(own, Files.readAllBytes(mine));
  }

  @Test
  void writersMayRace() throws Exception {
    CyclicBarrier start = new CyclicBarrier(8);
    List<Thread> threads =
        IntStream.range(0, 8)
            .mapToObj(
                _ ->
                    Thread.ofPlatform()
                        .start(
                            () -> {
                              try {
                                start.await();
                              } catch (Exception broken) {
                                throw new IllegalStateException(broken);
                              }
                              ImageCache.in(folder).image(new RecordingDriver(1), HOPPER, SOURCE);
                            }))
            .toList();
    for (Thread thread : threads) {
      thread.join();
    }
    assertEquals(1, files().size(), "nothing is left lying about");
    image(HOPPER, SOURCE);
    assertEquals(0, compiled());
  }

  @Test
  void aFolderThatCannotBeWrittenCostsTimeOnly() throws IOException {
    Path file = folder.resolve("file");
    Files.writeString(file, "in the way");
    ImageCache cache = ImageCache.in(file.resolve("below"));
    assertArrayEquals(CODE, cache.image(driver, HOPPER, SOURCE));
    assertArrayEquals(CODE, cache.image(driver, HOPPER, SOURCE));
    assertEquals(2, compiled());
    assertTrue(Files.isRegularFile(file));
  }
}
