package ibrik.tensor;

import ibrik.tensor.exec.Interpreter;
import ibrik.tensor.op.Transport;
import java.util.List;

/// Assigning methods of [Tensor]; no gradient flows through them. Rules: [Transport].
public sealed interface TransportOps permits Tensor {
  /// Codes of SwAV for scores `[B,K]` of samples against prototypes: rows that sum to 1, columns
  /// that sum to about B/K.
  default Tensor sinkhornKnopp(double epsilon, int iterations) {
    return Interpreter.current()
        .apply1(new Transport.SinkhornKnopp(epsilon, iterations), List.of((Tensor) this));
  }
}
