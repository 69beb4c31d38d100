package ibrik.autograd;

import ibrik.tensor.Tensor;
import ibrik.tensor.op.Op;
import java.util.List;

/// One recorded step: an op, its inputs and its outputs.
///
/// @param op what ran
/// @param in what it read
/// @param out what it made
/// @param versions the update counts of the inputs when they were read
public record Node(Op op, List<Tensor> in, List<Tensor> out, List<Long> versions) {
  /// Copies the lists.
  public Node {
    in = List.copyOf(in);
    out = List.copyOf(out);
    versions = List.copyOf(versions);
  }

  Node(Op op, List<Tensor> in, List<Tensor> out) {
    this(op, in, out, in.stream().map(Tensor::version).toList());
  }

  /// Fails if an input was updated since it was recorded: its saved numbers are gone.
  void checkUnchanged() {
    for (int i = 0; i < in.size(); i++) {
      if (in.get(i).version() != versions.get(i)) {
        throw new IllegalStateException(
            "[tape] "
                + in.get(i).origin()
                + " "
                + in.get(i).spec()
                + " was updated after "
                + op.tag()
                + " recorded it; take gradients before updating variables");
      }
    }
  }
}
