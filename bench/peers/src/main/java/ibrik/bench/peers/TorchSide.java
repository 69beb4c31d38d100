package ibrik.bench.peers;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.function.Function;

/// PyTorch through DJL: the work on its arrays, freed after each run.
final class TorchSide implements Side {
  private final NDManager manager = Engine.getEngine("PyTorch").newBaseManager();
  private final NDList in = new NDList();
  private final Function<NDList, NDList> work;
  private final Function<float[], float[]> layout;

  /// @param work from inputs to results
  /// @param layout of the joined results into this project's
  TorchSide(Function<NDList, NDList> work, Function<float[], float[]> layout) {
    this.work = work;
    this.layout = layout;
  }

  /// Adds an input.
  TorchSide input(float[] numbers, long... dims) {
    in.add(manager.create(numbers, new Shape(dims)));
    return this;
  }

  /// Adds an input of any type, made once.
  TorchSide input(Function<NDManager, NDArray> make) {
    in.add(make.apply(manager));
    return this;
  }

  @Override
  public void run() {
    try (NDManager run = manager.newSubManager()) {
      var _ = work.apply(lent(run));
    }
  }

  @Override
  public float[] result() {
    try (NDManager run = manager.newSubManager()) {
      float[][] parts =
          work.apply(lent(run)).stream().map(NDArray::toFloatArray).toArray(float[][]::new);
      return layout.apply(Numbers.joined(parts));
    }
  }

  /// Handles on the same numbers that belong to `run`: results follow their inputs' manager.
  private NDList lent(NDManager run) {
    NDList lent = new NDList();
    for (NDArray array : in) {
      NDArray handle = array.stopGradient();
      handle.attach(run);
      lent.add(handle);
    }
    return lent;
  }

  @Override
  public void close() {
    manager.close();
  }
}
