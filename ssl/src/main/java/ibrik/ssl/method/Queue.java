package ibrik.ssl.method;

import ibrik.autograd.Tape;
import ibrik.nn.Build;
import ibrik.nn.init.Init;
import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.Tensors;
import ibrik.tensor.Variable;
import java.util.LinkedHashMap;
import java.util.Map;

/// A ring of the latest embeddings, `[K, D]`: each step writes its batch over the oldest one. It
/// starts with random rows of unit length.
///
/// The forward pass reads the ring and stages its own embeddings; they are written after the step,
/// because the backward pass reads what the forward pass read. Ring, position and ages are
/// variables, and nothing is read back to the host: a step may be captured and replayed. A write
/// passes over the whole ring twice, which is small beside the product of a batch with it.
///
/// **Source** He et al. 2020, arXiv:1911.05722, section 3.1.
public final class Queue implements AutoCloseable {
  private final Variable rows;
  private final Variable position;
  private final Variable ages;
  private final Variable staged;
  private final int blocks;

  /// @param rows K, a multiple of `batch`
  /// @param width D
  /// @throws IllegalArgumentException if K is no multiple of the batch
  Queue(String name, int rows, int batch, int width, Build build) {
    if (rows < batch || rows % batch != 0) {
      long nearest = Math.max(1, Math.round((double) rows / batch)) * batch;
      throw new IllegalArgumentException(
          "[queue] "
              + name
              + " must hold a multiple of the "
              + batch
              + " embeddings of a step; got "
              + rows
              + "; take "
              + nearest
              + ", or another batch size");
    }
    blocks = rows / batch;
    Device device = build.device();
    try (TensorScope _ = TensorScope.open()) {
      TensorSpec ring = new TensorSpec(build.dtype(), Shape.of(rows, width));
      Tensor start = Init.normal(1).make(ring, build.seed(), name, device).l2Normalize();
      this.rows = Variable.of(name + ".rows", start);
    }
    position = Variable.zeros(name + ".position", new TensorSpec(DType.I32, Shape.of(1)), device);
    ages = Variable.zeros(name + ".ages", new TensorSpec(DType.F32, Shape.of(blocks, 1)), device);
    staged =
        Variable.zeros(
            name + ".staged", new TensorSpec(build.dtype(), Shape.of(batch, width)), device);
  }

  /// The embeddings as they were before this step, `[K, D]`.
  public Tensor rows() {
    return rows.value();
  }

  /// Keeps the embeddings of this step, `[B, D]`, until [#push()]. They are stored as they are.
  public void stage(Tensor embeddings) {
    Tape.pause(
        () -> {
          staged.set(embeddings.detach());
          return embeddings;
        });
  }

  /// Writes what was staged over the oldest batch. Call it after the optimiser.
  public void push() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor here = position.value().oneHot(blocks, DType.F32).reshape(blocks, 1).cast(DType.BOOL);
      Tensor old = rows.value().reshape(blocks, rows.spec().elems() / blocks);
      Tensor fresh = staged.value().reshape(1, staged.spec().elems());
      rows.set(here.where(fresh, old).reshape(rows.spec().shape()));

      Tensor age = ages.value();
      Tensor older = age.add(age.cast(DType.BOOL).cast(DType.F32)); // random rows stay at 0
      ages.set(here.where(Tensors.onesLike(age), older));

      Tensor next = position.value().add(Tensors.onesLike(position.value()));
      Tensor end = Tensors.full(position.spec(), blocks, next.device());
      position.set(next.less(end).where(next, Tensors.zerosLike(next)));
    }
  }

  /// Mean number of steps since the embeddings were written; 0 while all are still random. Random
  /// rows do not count. Reads from the device: for monitors, not for a step.
  public double age() {
    double sum = 0;
    int written = 0;
    for (double age : ages.value().toDoubles()) {
      sum += age;
      written += age > 0 ? 1 : 0;
    }
    return written == 0 ? 0 : sum / written;
  }

  /// What a checkpoint holds.
  Map<String, Variable> state() {
    Map<String, Variable> state = new LinkedHashMap<>();
    for (Variable variable : new Variable[] {rows, position, ages}) {
      state.put(variable.name(), variable);
    }
    return state;
  }

  @Override
  public void close() {
    rows.close();
    position.close();
    ages.close();
    staged.close();
  }
}
