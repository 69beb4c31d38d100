package ibrik.tensor.exec;

import ibrik.tensor.Device;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.backend.Backend;
import ibrik.tensor.backend.Backends;
import ibrik.tensor.backend.Kernel;
import ibrik.tensor.op.Op;
import ibrik.tensor.op.Update;
import java.util.List;

/// A kernel of the scalar reference for tensors of any device: where the host cannot address them,
/// they are copied there and the results back.
record HostFallback(Op op, Kernel scalar) implements Kernel {
  @Override
  public void run(List<Tensor> in, List<Tensor> out) {
    boolean onHost =
        in.stream().allMatch(t -> t.buffer().host() != null)
            && out.stream().allMatch(t -> t.buffer().host() != null);
    if (onHost) {
      scalar.run(in, out);
    } else {
      overHost(in, out);
    }
  }

  private void overHost(List<Tensor> in, List<Tensor> out) {
    Backend backend = Backends.of((out.isEmpty() ? in : out).getFirst().device());
    try (TensorScope _ = TensorScope.open()) {
      List<Tensor> hostIn = in.stream().map(t -> Eval.transfer(t, Device.REFERENCE)).toList();
      List<Tensor> hostOut =
          out.stream().map(t -> Tensor.allocate(t.spec(), Device.REFERENCE, op.tag())).toList();
      scalar.run(hostIn, hostOut);
      for (int i = 0; i < out.size(); i++) {
        give(backend, hostOut.get(i), out.get(i));
      }
      if (op instanceof Update update) {
        update.written().forEach(i -> give(backend, hostIn.get(i), in.get(i)));
      }
    }
  }

  private static void give(Backend backend, Tensor host, Tensor to) {
    backend.upload(host.data(), to.buffer(), to.offsetBytes(), to.spec().bytes());
  }

  @Override
  public boolean mayOverwrite(int index) {
    return scalar.mayOverwrite(index);
  }
}
