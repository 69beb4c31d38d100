package ibrik.kernels.cuda;

import ibrik.kernels.cuda.driver.Driver;
import ibrik.tensor.Elements;
import ibrik.tensor.Tensor;
import ibrik.tensor.backend.Readout;
import ibrik.tensor.exec.Interpreter;
import java.lang.foreign.MemorySegment;
import java.util.List;

/// Brings single numbers to page-locked memory in the order of the kernels, so that what comes
/// after may overwrite them; an event says when they are there.
final class CudaReadout implements Readout {
  private static final long CELL_BYTES = 8;

  private final CudaDevice gpu;
  private final List<Tensor> from;
  private final long pinned;
  private final MemorySegment memory;
  private final long arrived;
  private boolean closed;

  @SuppressWarnings("restricted") // the driver says how long the block is
  CudaReadout(CudaDevice gpu, List<Tensor> from) {
    this.gpu = gpu;
    this.from = List.copyOf(from);
    Driver driver = gpu.driver();
    this.pinned = driver.allocatePinned(from.size() * CELL_BYTES);
    this.memory = MemorySegment.ofAddress(pinned).reinterpret(from.size() * CELL_BYTES);
    this.arrived = driver.createEvent(false);
  }

  @Override
  public void request() {
    Driver driver = gpu.driver();
    for (int i = 0; i < from.size(); i++) {
      Tensor one = from.get(i);
      Interpreter.current().hostAccess("Readout.request()", one.spec());
      driver.copyToHost(
          pinned + i * CELL_BYTES, CudaBuffer.address(one), one.spec().bytes(), gpu.stream());
    }
    driver.record(arrived, gpu.stream());
  }

  @Override
  public double number(int index) {
    gpu.driver().synchronizeEvent(arrived);
    MemorySegment cell = memory.asSlice(index * CELL_BYTES, CELL_BYTES);
    return Elements.get(cell, from.get(index).dtype(), 0);
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    Driver driver = gpu.driver();
    driver.synchronizeEvent(arrived);
    driver.freePinned(pinned);
    driver.destroyEvent(arrived);
  }
}
