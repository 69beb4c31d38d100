package ibrik.nn.quant;

import ibrik.tensor.Device;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.Variable;
import ibrik.tensor.op.Conv2dGeometry;
import ibrik.tensor.op.QuantGrid;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A chain of trained layers that runs in integers: i8 activations and weights, i32 sums, one
/// rescaling per layer in fixed point. Floats enter at the start and leave at the end, where the
/// last layer's sums are scaled without a step in between.
///
/// It is made from layers and from observers that saw what goes into each of them:
///
/// ```
/// Calibration calibration = new Calibration(layers);
/// batches.forEach(calibration::observe);
/// IntegerNetwork network = calibration.toIntegers();
/// ```
///
/// **Math** with activations `(q - z) s` and weights `w v_o` per output channel: `q' = clamp(round(
/// (sum (q - z) w + b_o) M_o) + z', -128, 127)`, `M_o = s v_o / s'`, `b_o = round(bias_o / (s
/// v_o))`. [#fake] does the same in floats; the two differ by one step at most, where a sum comes
/// so near to a tie that the rounding of floats, of the bias or of M decides.
///
/// **Source** Jacob et al. 2018, arXiv:1712.05877, section 2.
public final class IntegerNetwork implements AutoCloseable {
  /// Grid of the activations.
  static final QuantGrid ACTIVATIONS = QuantGrid.signed(8);

  /// Grid of the weights: symmetric, so that their zero point is 0.
  static final QuantGrid WEIGHTS = QuantGrid.restricted(8);

  private final List<Stage> stages = new ArrayList<>();
  private final List<Variable> held = new ArrayList<>();

  /// One layer.
  ///
  /// @param geometry of a convolution, or null
  /// @param relu whether a rectifier follows
  /// @param inScale scale of its input, 0-d
  /// @param inZero zero point of its input, 0-d
  /// @param zero the same as an integer
  /// @param weight i8
  /// @param weightScale per output channel, f32
  /// @param bias per output channel, f32
  /// @param sumScale what one unit of a sum is worth, per output channel, f32
  /// @param rescale the way to the next layer's input; null for the last
  private record Stage(
      @Nullable Conv2dGeometry geometry,
      boolean relu,
      Tensor inScale,
      Tensor inZero,
      int zero,
      Tensor weight,
      Tensor weightScale,
      Tensor bias,
      Tensor sumScale,
      @Nullable Rescale rescale) {
    Tensor sums(Tensor q) {
      return geometry == null ? q.intMatMul(weight, zero) : q.intConv2d(weight, geometry, zero);
    }
  }

  /// The numbers of a `requantize`, all per output channel.
  private record Rescale(Tensor bias, Tensor multiplier, Tensor shift, int zero, int low) {
    Tensor apply(Tensor sums) {
      return sums.requantize(bias, multiplier, shift, zero, low, ACTIVATIONS.high());
    }
  }

  /// From layers and the ranges of what goes into each.
  IntegerNetwork(List<FloatLayer> layers, List<Range> ranges) {
    try (TensorScope _ = TensorScope.open()) {
      for (int i = 0; i < layers.size(); i++) {
        boolean last = i == layers.size() - 1;
        add(layers.get(i), ranges.get(i), last ? null : ranges.get(i + 1));
      }
    } catch (RuntimeException | Error failed) {
      close();
      throw failed;
    }
  }

  private void add(FloatLayer layer, Range in, @Nullable Range out) {
    Device device = layer.weight().device();
    Range.Parameters from = in.affine(ACTIVATIONS, device);
    MinMaxObserver observer = MinMaxObserver.perChannel(0);
    observer.observe(layer.weight());
    Tensor weightScale = observer.range().symmetric(WEIGHTS, device).scale();
    Tensor none = weightScale.mul(0);
    float step = from.scale().toFloats()[0];
    float[] scales = weightScale.toFloats();
    double[] worth = new double[scales.length];
    float[] sumScale = new float[scales.length];
    for (int c = 0; c < scales.length; c++) {
      worth[c] = (double) step * scales[c];
      sumScale[c] = (float) worth[c];
    }
    Rescale rescale =
        out == null ? null : rescale(layer, worth, out.affine(ACTIVATIONS, device), device);
    stages.add(
        new Stage(
            layer.geometry(),
            layer.relu(),
            hold(from.scale()),
            hold(from.zero()),
            (int) from.zero().item(),
            hold(layer.weight().quantizeInt8(weightScale, none, WEIGHTS, 0)),
            hold(weightScale),
            hold(layer.bias()),
            hold(Tensor.of(sumScale, sumScale.length).to(device)),
            rescale));
  }

  private Rescale rescale(FloatLayer layer, double[] worth, Range.Parameters to, Device device) {
    float step = to.scale().toFloats()[0];
    int zero = (int) to.zero().item();
    float[] bias = layer.bias().toFloats();
    int[] whole = new int[bias.length];
    double[] factors = new double[bias.length];
    for (int c = 0; c < bias.length; c++) {
      whole[c] = (int) Math.rint(bias[c] / worth[c]);
      factors[c] = worth[c] / step;
    }
    FixedPoint fixed = FixedPoint.of(factors);
    // The rectifier is the lower bound.
    int low = layer.relu() ? Math.max(zero, ACTIVATIONS.low()) : ACTIVATIONS.low();
    return new Rescale(
        hold(Tensor.of(whole, whole.length).to(device)),
        hold(Tensor.of(fixed.multipliers(), whole.length).to(device)),
        hold(Tensor.of(fixed.shifts(), whole.length).to(device)),
        zero,
        low);
  }

  private Tensor hold(Tensor tensor) {
    Variable variable = Variable.of("integers" + held.size(), tensor);
    held.add(variable);
    return variable.value();
  }

  /// Applies the network to floats, in integers.
  public Tensor forward(Tensor x) {
    Tensor q = quantize(x);
    for (int i = 0; i < stages.size() - 1; i++) {
      q = step(i, q);
    }
    return finish(q);
  }

  /// The first layer's input as i8.
  public Tensor quantize(Tensor x) {
    return onInputGrid(0, x);
  }

  /// Layer `index`, not the last: i8 to i8.
  public Tensor step(int index, Tensor q) {
    Stage stage = stages.get(index);
    Rescale rescale = stage.rescale;
    if (rescale == null) {
      throw new IllegalArgumentException("[integer_network] the last layer gives floats");
    }
    return rescale.apply(stage.sums(q));
  }

  /// The last layer: i8 to floats.
  public Tensor finish(Tensor q) {
    Stage stage = stages.getLast();
    Tensor y = stage.sums(q).cast(stage.sumScale.dtype()).mul(stage.sumScale).add(stage.bias);
    return stage.relu ? y.relu() : y;
  }

  /// The same network in floats on the same grids: what quantisation-aware training sees.
  public Tensor fake(Tensor x) {
    Tensor y = x;
    for (int i = 0; i < stages.size(); i++) {
      y = fakeStep(i, y);
    }
    return y;
  }

  /// Layer `index` in floats, its input and weight on their grids.
  public Tensor fakeStep(int index, Tensor x) {
    Stage stage = stages.get(index);
    Tensor onGrid = x.fakeQuantize(stage.inScale, stage.inZero, ACTIVATIONS);
    long[] outer = new long[stage.weight.rank()];
    java.util.Arrays.fill(outer, 1);
    outer[0] = stage.weight.dim(0);
    Tensor weight =
        stage.weight.cast(stage.weightScale.dtype()).mul(stage.weightScale.reshape(outer));
    return new FloatLayer(weight, stage.bias, stage.geometry, stage.relu).forward(onGrid);
  }

  /// Floats as the integers that go into layer `index`.
  Tensor onInputGrid(int index, Tensor x) {
    return x.quantizeInt8(stages.get(index).inScale, stages.get(index).inZero, ACTIVATIONS, 0);
  }

  /// What the integers that go into layer `index` mean.
  Tensor value(int index, Tensor q) {
    Stage stage = stages.get(index);
    return q.cast(stage.inScale.dtype()).sub(stage.inZero).mul(stage.inScale);
  }

  /// Number of layers.
  public int layers() {
    return stages.size();
  }

  /// Bytes of all weights.
  public long weightBytes() {
    return stages.stream().mapToLong(stage -> stage.weight.spec().bytes()).sum();
  }

  @Override
  public void close() {
    held.forEach(Variable::close);
  }
}
