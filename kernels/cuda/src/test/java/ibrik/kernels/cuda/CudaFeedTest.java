package ibrik.kernels.cuda;

import static ibrik.kernels.cuda.EmulatedBackend.DEVICE;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.kernels.cuda.driver.RecordingDriver;
import ibrik.spec.LiveBytes;
import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.Variable;
import ibrik.tensor.backend.Buffer;
import ibrik.tensor.backend.Feed;
import ibrik.tensor.backend.Readout;
import ibrik.tensor.exec.Program;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Batches that go to the device and numbers that come back while it computes: which call waits for
/// what, and that the numbers are right.
@ExtendWith(LiveBytes.class)
class CudaFeedTest {
  private static final TensorSpec FOUR = new TensorSpec(DType.F32, Shape.of(4));

  private final Recorded recorded = Recorded.of(1 << 24);
  private final RecordingDriver driver = recorded.driver();
  private final CudaBackend backend = recorded.backend();
  private final CudaDevice gpu = backend.gpu(0);
  private final long kernels = gpu.stream();
  private final long copies = gpu.copyStream();

  private static MemorySegment batch(float first) {
    return MemorySegment.ofArray(new float[] {first, first + 1, first + 2, first + 3});
  }

  /// A tensor in memory of the recorded device.
  private Tensor on(Buffer block, TensorSpec spec) {
    return Tensor.over(block, spec, Device.parse("recorded"), "batch");
  }

  private List<String> since(int mark) {
    return List.copyOf(driver.calls.subList(mark, driver.calls.size()));
  }

  @Test
  void theNextBatchTravelsWhileKernelsRun() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor to = on(backend.memory(0).allocate(16), FOUR);
      Feed feed = backend.feed(to);
      // The events of a slot in the order in which they were made: sent, taken, sent, taken.
      List<String> made = driver.calls.stream().filter(c -> c.startsWith("record ")).toList();
      assertEquals(2, made.size(), "both landing places may have been read by kernels before");
      long taken0 = Long.parseLong(made.get(0).split(" ")[1]);
      long taken1 = Long.parseLong(made.get(1).split(" ")[1]);
      long sent0 = taken0 - 1;
      long sent1 = taken1 - 1;
      int mark = driver.calls.size();
      feed.stage(batch(1));
      assertEquals(
          List.of(
              "synchronizeEvent " + sent0,
              "await " + taken0 + " on " + copies,
              "copyToDevice 16 on " + copies,
              "record " + sent0 + " on " + copies),
          since(mark));
      mark = driver.calls.size();
      feed.deliver();
      assertEquals(
          List.of(
              "await " + sent0 + " on " + kernels,
              "copyOnDevice 16 on " + kernels,
              "record " + taken0 + " on " + kernels),
          since(mark));
      mark = driver.calls.size();
      feed.stage(batch(5));
      assertEquals(
          List.of(
              "synchronizeEvent " + sent1,
              "await " + taken1 + " on " + copies,
              "copyToDevice 16 on " + copies,
              "record " + sent1 + " on " + copies),
          since(mark),
          "the other slot: nothing of the first batch is waited for");
      feed.deliver();
      mark = driver.calls.size();
      feed.stage(batch(9));
      assertEquals("await " + taken0 + " on " + copies, since(mark).get(1), "slot 0 again");
      assertEquals(0, driver.count("synchronize stream"), "a step waits for no stream");
      assertEquals(0, driver.count("synchronize "), "nor for the device");
      mark = driver.calls.size();
      feed.close();
      feed.close();
      assertEquals("synchronize stream", since(mark).getFirst(), "what is on its way lands first");
      assertEquals(1, driver.count("freePinned"));
      assertEquals(4, driver.count("destroyEvent"));
    }
    assertEquals(0, backend.memory(0).liveBytes());
  }

  @Test
  void smallUploadsDoNotWaitForOneAnother() {
    try (TensorScope _ = TensorScope.open()) {
      Buffer block = backend.memory(0).allocate(64);
      Tensor to = on(block, new TensorSpec(DType.F32, Shape.of(16)));
      MemorySegment number = MemorySegment.ofArray(new float[] {1});
      int mark = driver.calls.size();
      for (int i = 0; i < 33; i++) {
        backend.upload(number, to.buffer(), 4L * (i % 16), 4);
      }
      List<String> waited =
          since(mark).stream().filter(call -> call.startsWith("synchronizeEvent")).toList();
      assertEquals(33, waited.size());
      assertEquals(32, waited.stream().distinct().count(), "each of 32 slots has an event");
      assertEquals(waited.getFirst(), waited.getLast(), "the first slot comes round again");
    }
  }

  @Test
  void numbersComeBackInOneWait() {
    try (TensorScope _ = TensorScope.open()) {
      Buffer block = backend.memory(0).allocate(4);
      Tensor one = on(block, new TensorSpec(DType.F32, Shape.scalar()));
      backend.upload(MemorySegment.ofArray(new float[] {2.5f}), block, 0, 4);
      int mark = driver.calls.size();
      Readout readout = backend.readout(List.of(one, one));
      long arrived = driver.calls.size();
      readout.request();
      assertEquals(
          List.of("copyToHost 4 on " + kernels, "copyToHost 4 on " + kernels),
          since((int) arrived).subList(0, 2));
      assertTrue(since((int) arrived).get(2).startsWith("record "));
      assertEquals(0, since(mark).stream().filter(c -> c.startsWith("synchronize")).count());
      assertEquals(2.5, readout.number(1));
      assertEquals(1, since(mark).stream().filter(c -> c.startsWith("synchronizeEvent")).count());
      readout.close();
      readout.close();
      assertEquals(1, driver.count("freePinned"));
    }
  }

  @Test
  void batchesArriveInOrder() {
    Emulation.assume();
    try (TensorScope _ = TensorScope.open();
        Variable x = Variable.zeros("x", FOUR, DEVICE);
        Feed feed = Feed.into(x);
        Program twice = Program.capture(() -> List.of(x.value().mul(2).sum()));
        Readout sum = Readout.of(twice.outputs())) {
      assertInstanceOf(CudaFeed.class, feed);
      assertInstanceOf(CudaReadout.class, sum);
      feed.stage(batch(100)); // forgotten
      feed.stage(batch(0));
      for (int i = 0; i < 5; i++) {
        long version = x.value().version();
        feed.deliver();
        assertEquals(version + 1, x.value().version());
        twice.replay();
        sum.request();
        feed.stage(batch(i + 1));
        assertEquals(2 * (4 * i + 6), sum.number(0));
        assertArrayEquals(new float[] {i, i + 1, i + 2, i + 3}, x.value().toFloats());
      }
    }
  }

  @Test
  void whatCannotBeDelivered() {
    Emulation.assume();
    try (Variable x = Variable.zeros("x", FOUR, DEVICE);
        Feed feed = Feed.into(x)) {
      assertEquals(
          "[feed] nothing was staged for x f32[4]; call stage first",
          assertThrows(IllegalStateException.class, feed::deliver).getMessage());
      assertEquals(
          "[feed] x f32[4] needs 16 bytes; got 4",
          assertThrows(
                  IllegalArgumentException.class,
                  () -> feed.stage(MemorySegment.ofArray(new float[1])))
              .getMessage());
      assertThrows(IllegalArgumentException.class, () -> Readout.of(List.of(x.value())));
    }
  }
}
