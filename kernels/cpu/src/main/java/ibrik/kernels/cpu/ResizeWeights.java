package ibrik.kernels.cpu;

import ibrik.tensor.op.ImageOp.Filter;

/// Where each output along one axis comes from: inputs `first(i) ... first(i) + count(i) - 1` with
/// weights from `at(i)` on. Keeps its buffers, and its plan while it is asked for the same one.
final class ResizeWeights {
  private int[] first = {};
  private int[] count = {};
  private float[] weights = {};
  private double[] raw = {};
  private int widest;
  private int plannedInputs;
  private int plannedOutputs;
  private Filter plannedFilter = Filter.BILINEAR;

  /// Plans `outputs` outputs over `inputs` inputs.
  void plan(int inputs, int outputs, Filter filter) {
    if (inputs == plannedInputs && outputs == plannedOutputs && filter == plannedFilter) {
      return;
    }
    double scale = (double) inputs / outputs;
    double stretch = Math.max(scale, 1); // wider where the image shrinks: no aliases
    double reach = filter.support() * stretch;
    widest = (int) Math.ceil(reach) * 2 + 1;
    if (first.length < outputs) {
      first = new int[outputs];
      count = new int[outputs];
    }
    if (weights.length < outputs * widest) {
      weights = new float[outputs * widest];
    }
    if (raw.length < widest) {
      raw = new double[widest];
    }
    for (int i = 0; i < outputs; i++) {
      double centre = (i + 0.5) * scale;
      int low = Math.max(0, (int) (centre - reach + 0.5));
      int high = Math.min(inputs, (int) (centre + reach + 0.5));
      double sum = 0;
      for (int k = low; k < high; k++) {
        raw[k - low] = filter.at((k + 0.5 - centre) / stretch);
        sum += raw[k - low];
      }
      for (int k = 0; k < high - low; k++) {
        weights[i * widest + k] = (float) (raw[k] / sum);
      }
      first[i] = low;
      count[i] = high - low;
    }
    plannedInputs = inputs;
    plannedOutputs = outputs;
    plannedFilter = filter;
  }

  int first(int output) {
    return first[output];
  }

  int count(int output) {
    return count[output];
  }

  int at(int output) {
    return output * widest;
  }

  float[] weights() {
    return weights;
  }
}
