package ibrik.ssl.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/// Makes an interrupt wait for the step at hand and its checkpoint. Open it around the work; ask it
/// whether to stop.
final class Interrupt implements BooleanSupplier, AutoCloseable {
  /// Exit status of what was interrupted.
  static final int STATUS = 130;

  private static final long PATIENCE_SECONDS = 60;

  private final AtomicBoolean stop = new AtomicBoolean();
  private final CountDownLatch finished = new CountDownLatch(1);
  private final Thread hook = new Thread(this::waitForSave, "ibrik-interrupt");

  private Interrupt() {}

  static Interrupt watch() {
    Interrupt interrupt = new Interrupt();
    Runtime.getRuntime().addShutdownHook(interrupt.hook);
    return interrupt;
  }

  private void waitForSave() {
    stop.set(true);
    try {
      if (!finished.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        System.err.println("the step at hand takes long; the last checkpoint stands");
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public boolean getAsBoolean() {
    return stop.get();
  }

  @Override
  public void close() {
    finished.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException _) {
      // The program is ending already: the hook is what waits for us.
    }
  }
}
