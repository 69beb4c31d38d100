package ibrik.tensor;

import ibrik.tensor.exec.Interpreter;
import ibrik.tensor.op.Layout;
import java.util.List;

/// Moving methods of [Tensor]. Rules: [Layout].
public sealed interface LayoutOps permits Tensor {
  private Tensor layout(Layout op) {
    return Interpreter.current().apply1(op, List.of((Tensor) this));
  }

  /// The same elements in another shape; a view. One extent may be -1: it takes what is left.
  default Tensor reshape(long... dims) {
    long known = 1;
    int open = -1;
    for (int i = 0; i < dims.length; i++) {
      if (dims[i] == -1 && open < 0) {
        open = i;
      } else {
        known *= dims[i];
      }
    }
    if (open >= 0) {
      long elems = ((Tensor) this).elems();
      if (known <= 0 || elems % known != 0) {
        throw new IllegalArgumentException(
            "[reshape] the open extent must come out whole; got x: "
                + ((Tensor) this).spec()
                + " and "
                + java.util.Arrays.toString(dims));
      }
      dims = dims.clone();
      dims[open] = elems / known;
    }
    return reshape(Shape.of(dims));
  }

  /// The same elements in another shape; a view.
  default Tensor reshape(Shape shape) {
    return layout(new Layout.Reshape(shape));
  }

  /// The same tensor cut off from gradients; a view.
  default Tensor detach() {
    return layout(new Layout.Detach());
  }

  /// Elements `start ... start+length-1` along `axis`; a view for the leading axis.
  default Tensor narrow(int axis, long start, long length) {
    return layout(new Layout.Narrow(((Tensor) this).shape().axis(axis), start, length));
  }

  /// Zeros before and after along `axis`.
  default Tensor pad(int axis, long before, long after) {
    return layout(new Layout.Pad(((Tensor) this).shape().axis(axis), before, after));
  }

  /// Axis `i` of the result is axis `order[i]` of this tensor; copies.
  default Tensor transpose(Integer... order) {
    return layout(new Layout.Transpose(List.of(order)));
  }

  /// Stretches extents of 1 and adds leading axes; copies.
  default Tensor broadcastTo(Shape shape) {
    return layout(new Layout.BroadcastTo(shape));
  }

  /// The same elements on `device`.
  default Tensor to(Device device) {
    return layout(new Layout.ToDevice(device));
  }

  /// Joins `tensors` along `axis`.
  static Tensor concat(int axis, List<Tensor> tensors) {
    int known = tensors.isEmpty() ? axis : tensors.getFirst().shape().axis(axis);
    return Interpreter.current().apply1(new Layout.Concat(known), tensors);
  }
}
