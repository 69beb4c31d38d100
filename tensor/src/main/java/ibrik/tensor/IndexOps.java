package ibrik.tensor;

import ibrik.tensor.exec.Interpreter;
import ibrik.tensor.op.Index;
import java.util.List;

/// Indexing methods of [Tensor]; indices are i32. Rules: [Index].
public sealed interface IndexOps permits Tensor {
  /// Rows of this tensor named by `index [M]`.
  default Tensor gather(Tensor index) {
    return Interpreter.current().apply1(new Index.Gather(), List.of((Tensor) this, index));
  }

  /// Adds each row to row `index[i]` of a zero tensor with `rows` rows.
  default Tensor scatterAdd(Tensor index, long rows) {
    return Interpreter.current().apply1(new Index.ScatterAdd(rows), List.of((Tensor) this, index));
  }

  /// This i32 tensor as rows of 0 and 1.
  default Tensor oneHot(int classes, DType dtype) {
    return Interpreter.current().apply1(new Index.OneHot(classes, dtype), List.of((Tensor) this));
  }

  /// The `k` largest of each row and their indices: two tensors.
  default List<Tensor> topK(int k) {
    return Interpreter.current().apply(new Index.TopK(k), List.of((Tensor) this));
  }
}
