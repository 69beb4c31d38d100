package ibrik.ssl.method;

import ibrik.autograd.Tape;
import ibrik.nn.Module;
import ibrik.nn.optim.Ema;
import ibrik.tensor.Tensor;
import ibrik.tensor.Variable;
import java.util.ArrayList;
import java.util.List;

/// A slow copy of trained networks: starts equal to them and moves toward them after each step,
/// `target <- tau target + (1 - tau) online`, parameters only. It runs in train mode with batch
/// statistics and running statistics of its own, and no gradient reaches it.
///
/// **Source** He et al. 2020, arXiv:1911.05722, eq. 2; Grill et al. 2020, arXiv:2006.07733, eq. 1.
public final class MomentumTarget {
  private final List<Module> copies = new ArrayList<>();
  private final Ema ema;

  MomentumTarget(Variable tau) {
    ema = new Ema(tau);
  }

  void add(Module copy, Module online) {
    copy.copyStateFrom(online);
    copies.add(copy);
    ema.add(copy, online);
  }

  /// Applies the copies one after the other, unrecorded.
  public Tensor forward(Tensor x) {
    return Tape.pause(
        () -> {
          Tensor y = x;
          for (Module copy : copies) {
            y = copy.forward(y);
          }
          return y;
        });
  }

  /// Moves toward the networks that it follows. Call it after the optimiser.
  public void step() {
    ema.step();
  }
}
