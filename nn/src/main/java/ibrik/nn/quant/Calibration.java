package ibrik.nn.quant;

import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

/// Sees some batches go through a chain of trained layers in floats, and turns the chain into
/// integers. The layers' tensors must live until then.
public final class Calibration {
  private final List<FloatLayer> layers;
  private final List<Observer> observers;

  /// With the extremes of what was seen.
  public Calibration(List<FloatLayer> layers) {
    this(layers, MinMaxObserver::whole);
  }

  /// With observers of whole tensors of another kind, one in front of each layer.
  ///
  /// @throws IllegalArgumentException if there is no layer
  public Calibration(List<FloatLayer> layers, Supplier<Observer> observer) {
    if (layers.isEmpty()) {
      throw new IllegalArgumentException("[calibration] needs at least one layer");
    }
    this.layers = List.copyOf(layers);
    this.observers = Stream.generate(observer).limit(layers.size()).toList();
  }

  /// Takes one batch into account.
  public void observe(Tensor x) {
    try (TensorScope _ = TensorScope.open()) {
      Tensor y = x;
      for (int i = 0; i < layers.size(); i++) {
        observers.get(i).observe(y);
        y = layers.get(i).forward(y);
      }
    }
  }

  /// The network for what was seen; close it after use.
  public IntegerNetwork toIntegers() {
    return new IntegerNetwork(layers, observers.stream().map(Observer::range).toList());
  }
}
