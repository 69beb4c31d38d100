package ibrik.bench.peers;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/// ND4J: the work on its arrays, freed after each run.
final class Nd4jSide implements Side {
  private final List<INDArray> in = new ArrayList<>();
  private final Function<List<INDArray>, List<INDArray>> work;
  private final Function<float[], float[]> layout;

  /// @param work from inputs to results
  /// @param layout of the joined results into this project's
  Nd4jSide(Function<List<INDArray>, List<INDArray>> work, Function<float[], float[]> layout) {
    this.work = work;
    this.layout = layout;
  }

  /// Adds an input.
  Nd4jSide input(float[] numbers, long... dims) {
    in.add(Nd4j.create(numbers, dims, 'c'));
    return this;
  }

  @Override
  public void run() {
    close(work.apply(in));
  }

  @Override
  public float[] result() {
    List<INDArray> out = work.apply(in);
    float[][] parts =
        out.stream().map(array -> array.dup('c').data().asFloat()).toArray(float[][]::new);
    close(out);
    return layout.apply(Numbers.joined(parts));
  }

  private void close(List<INDArray> out) {
    for (INDArray array : out) {
      if (!in.contains(array) && array.closeable()) {
        array.close();
      }
    }
  }

  @Override
  public void close() {
    in.forEach(INDArray::close);
  }
}
