package ibrik.tensor.backend;

import ibrik.tensor.Tensor;
import java.util.List;

/// A [Readout] of any backend: numbers are copied when they are sent for.
final class HostReadout implements Readout {
  private final List<Tensor> from;
  private final double[] numbers;

  HostReadout(List<Tensor> from) {
    this.from = List.copyOf(from);
    this.numbers = new double[from.size()];
  }

  @Override
  public void request() {
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = from.get(i).item();
    }
  }

  @Override
  public double number(int index) {
    return numbers[index];
  }

  @Override
  public void close() {}
}
