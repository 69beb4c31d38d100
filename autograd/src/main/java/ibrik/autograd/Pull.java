package ibrik.autograd;

import ibrik.tensor.Tensor;
import ibrik.tensor.op.Op;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a rule sees: the node, the cotangents of its outputs, and which inputs want one.
final class Pull {
  private final Node node;
  private final List<@Nullable Tensor> cotangents;
  private final boolean[] needs;

  Pull(Node node, List<@Nullable Tensor> cotangents, boolean[] needs) {
    this.node = node;
    this.cotangents = cotangents;
    this.needs = needs;
  }

  Op op() {
    return node.op();
  }

  List<Tensor> in() {
    return node.in();
  }

  Tensor in(int i) {
    return node.in().get(i);
  }

  Tensor out(int i) {
    return node.out().get(i);
  }

  List<Tensor> out() {
    return node.out();
  }

  List<@Nullable Tensor> cotangents() {
    return cotangents;
  }

  /// The cotangent of output `i`, if anything flows back through it.
  @Nullable Tensor ctOrNull(int i) {
    return cotangents.get(i);
  }

  /// The cotangent of the first output.
  Tensor ct() {
    Tensor ct = cotangents.getFirst();
    if (ct == null) {
      throw new IllegalStateException("[tape] " + op().tag() + " has no cotangent");
    }
    return ct;
  }

  boolean needs(int i) {
    return needs[i];
  }

  /// No gradient for any input.
  List<@Nullable Tensor> none() {
    return Arrays.asList(new @Nullable Tensor[in().size()]);
  }
}
