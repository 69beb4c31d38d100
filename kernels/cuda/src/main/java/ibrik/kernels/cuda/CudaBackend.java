package ibrik.kernels.cuda;

import ibrik.kernels.cuda.driver.Driver;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.backend.Backend;
import ibrik.tensor.backend.Buffer;
import ibrik.tensor.backend.Feed;
import ibrik.tensor.backend.Kernel;
import ibrik.tensor.backend.MemoryPool;
import ibrik.tensor.backend.Readout;
import ibrik.tensor.backend.Recording;
import ibrik.tensor.op.Op;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Kernels on NVIDIA GPUs. Nothing of CUDA is touched before the first question.
public class CudaBackend implements Backend {
  private final String name;
  private final Installation installation;
  private @Nullable CudaDevice @Nullable [] gpus;

  /// Looks for CUDA on this machine when it is first asked.
  public CudaBackend() {
    this("cuda", LocalInstallation.ofThisMachine());
  }

  CudaBackend(String name, Installation installation) {
    this.name = name;
    this.installation = installation;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String description() {
    Driver driver = installation.driver();
    return driver == null ? "not usable" : driver.description();
  }

  @Override
  public @Nullable String refusal() {
    return installation.refusal();
  }

  @Override
  public int devices() {
    Driver driver = installation.driver();
    return driver == null ? 0 : driver.devices();
  }

  @Override
  public MemoryPool memory(int index) {
    return gpu(index).memory();
  }

  /// Device `index`, opened on first use.
  synchronized CudaDevice gpu(int index) {
    Driver driver = installation.driver();
    if (driver == null) {
      throw new IllegalStateException("[cuda] " + refusal());
    }
    @Nullable CudaDevice[] opened = gpus;
    if (opened == null) {
      opened = new CudaDevice[driver.devices()];
      gpus = opened;
    }
    CudaDevice gpu = opened[index];
    if (gpu == null) {
      gpu = new CudaDevice(driver, index, installation);
      opened[index] = gpu;
    }
    return gpu;
  }

  @Override
  public @Nullable Kernel kernel(Op op, List<TensorSpec> in) {
    CudaOp cuda = CudaKernels.of(op, in);
    return cuda == null ? null : new Bound(cuda);
  }

  /// A kernel of the device that its tensors live on.
  private final class Bound implements Kernel {
    private final CudaOp op;

    Bound(CudaOp op) {
      this.op = op;
    }

    @Override
    public void run(List<Tensor> in, List<Tensor> out) {
      op.run(gpuOf(in, out), in, out);
    }

    @Override
    public boolean mayOverwrite(int index) {
      return op.mayOverwrite(index);
    }
  }

  private CudaDevice gpuOf(List<Tensor> in, List<Tensor> out) {
    return gpu((out.isEmpty() ? in : out).getFirst().device().index());
  }

  @Override
  public void download(Buffer from, long offsetBytes, MemorySegment to, long bytes) {
    CudaBuffer buffer = (CudaBuffer) from;
    buffer.gpu().staging().download(buffer.address() + offsetBytes, to, bytes);
  }

  @Override
  public void upload(MemorySegment from, Buffer to, long offsetBytes, long bytes) {
    CudaBuffer buffer = (CudaBuffer) to;
    buffer.gpu().staging().upload(from, buffer.address() + offsetBytes, bytes);
  }

  @Override
  public Feed feed(Tensor to) {
    boolean empty = to.elems() == 0;
    return empty ? Backend.super.feed(to) : new CudaFeed(gpu(to.device().index()), to);
  }

  @Override
  public Readout readout(List<Tensor> from) {
    return new CudaReadout(gpu(from.getFirst().device().index()), from);
  }

  @Override
  public Recording record(int index, Runnable kernels) {
    return gpu(index).record(kernels);
  }

  @Override
  public void synchronize(int index) {
    gpu(index).synchronize();
  }
}
