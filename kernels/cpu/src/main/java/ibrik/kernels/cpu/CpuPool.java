package ibrik.kernels.cpu;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/// A fixed set of threads that run numbered tasks.
///
/// The caller cuts its work into tasks by the shape of the problem alone, never by the number of
/// threads; each task writes its own part of the output. So who runs a task does not matter, and
/// results are bit-identical for any number of threads. The calling thread takes part; calls from
/// inside a task, or while another thread uses the pool, run inline.
///
/// Every thread begins with a share of neighbouring tasks, the same one each time, and helps with
/// the others' when it is through: what goes over the same data again finds some of it in the cache
/// of its own processor.
final class CpuPool implements AutoCloseable {
  /// How often an idle worker looks for work before it parks: some tens of microseconds.
  private static final int SPINS = 4_000;

  /// How long the caller sleeps between two looks once it has spun in vain.
  private static final long WAIT_NANOS = 20_000;

  private volatile Worker[] workers = {};
  private final ReentrantLock busy = new ReentrantLock();
  private volatile @Nullable Job job;

  CpuPool(int threads) {
    resize(threads);
  }

  /// Changes the number of threads between two runs. Kernels that hold the pool use the new number.
  final void resize(int threads) {
    busy.lock();
    try {
      close();
      Worker[] fresh = new Worker[threads - 1];
      for (int i = 0; i < fresh.length; i++) {
        fresh[i] = new Worker(i + 1);
        fresh[i].start();
      }
      workers = fresh;
    } finally {
      busy.unlock();
    }
  }

  int threads() {
    return workers.length + 1;
  }

  /// Runs `body` for each of `0 ... tasks-1`, in any order, and returns when all are done. An
  /// exception of a task reaches the caller after the others have finished; where one thread runs
  /// all, those after it are not begun.
  void run(int tasks, IntConsumer body) {
    run(tasks, false, body);
  }

  /// [#run(int, IntConsumer)] where every thread takes its share from the end if `back`: after a
  /// run from the front that is what its cache still holds.
  void run(int tasks, boolean back, IntConsumer body) {
    if (tasks <= 1 || threads() == 1 || busy.isHeldByCurrentThread() || !busy.tryLock()) {
      for (int i = 0; i < tasks; i++) {
        body.accept(back ? tasks - 1 - i : i);
      }
      return;
    }
    try {
      Worker[] helpers = workers;
      Job mine = new Job(tasks, helpers.length + 1, back, body);
      job = mine;
      for (int i = 0; i < Math.min(helpers.length, tasks - 1); i++) {
        LockSupport.unpark(helpers[i]);
      }
      mine.work(0);
      mine.await();
      job = null;
      switch (mine.failure) {
        case Error error -> throw error;
        case RuntimeException exception -> throw exception;
        case null, default -> {}
      }
    } finally {
      busy.unlock();
    }
  }

  @Override
  public void close() {
    for (Worker worker : workers) {
      worker.retired = true;
      LockSupport.unpark(worker);
    }
  }

  private static final class Job {
    /// Counters this far apart do not share a cache line.
    private static final int PITCH = 16;

    final int tasks;
    final int shares;
    final boolean back;
    final IntConsumer body;
    final AtomicIntegerArray taken;
    final AtomicInteger done = new AtomicInteger();
    volatile @Nullable Throwable failure;

    Job(int tasks, int shares, boolean back, IntConsumer body) {
      this.tasks = tasks;
      this.shares = shares;
      this.back = back;
      this.body = body;
      this.taken = new AtomicIntegerArray(shares * PITCH);
    }

    /// Runs what is left of the shares, from number `own` on.
    void work(int own) {
      for (int i = 0; i < shares; i++) {
        share((own + i) % shares);
      }
    }

    private void share(int share) {
      int first = (int) ((long) tasks * share / shares);
      int end = (int) ((long) tasks * (share + 1) / shares);
      int size = end - first;
      for (int i = take(share); i < size; i = take(share)) {
        try {
          body.accept(back ? end - 1 - i : first + i);
        } catch (RuntimeException | Error failed) {
          failure = failed;
        } finally {
          done.incrementAndGet();
        }
      }
    }

    private int take(int share) {
      return taken.getAndIncrement(share * PITCH);
    }

    void await() {
      for (int spins = 0; done.get() < tasks; spins++) {
        if (spins < SPINS) {
          Thread.onSpinWait();
        } else {
          // On a busy machine the processor is better left to the thread that is waited for.
          LockSupport.parkNanos(this, WAIT_NANOS);
        }
      }
    }
  }

  private final class Worker extends Thread {
    private final int number;
    volatile boolean retired;

    /// @param number its share, from 1 on: the caller's is 0
    Worker(int number) {
      super("ibrik-cpu-" + number);
      this.number = number;
      setDaemon(true);
    }

    @Override
    public void run() {
      Job last = null;
      int idle = 0;
      while (!retired) {
        Job current = job;
        if (current != null && current != last) {
          current.work(number);
          last = current;
          idle = 0;
        } else if (++idle < SPINS) {
          Thread.onSpinWait();
        } else {
          LockSupport.park(CpuPool.this);
        }
      }
    }
  }
}
