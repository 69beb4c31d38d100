package ibrik.spec;

import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.Tensor;
import ibrik.tensor.exec.Interpreter;
import ibrik.tensor.op.Op;
import java.util.List;

/// One sample of one op: the facts from which its tests are made.
///
/// @param op the op with its attributes
/// @param inputs how to make its inputs
/// @param gradient whether it has derivatives to check
/// @param smooth whether second derivatives exist at the sample
/// @param depth length of the longest sum behind one output element
/// @param loose factor on the tolerance, 1 by default; above 1 only with a reason beside it
/// @param specialInputs whether NaN and infinities are worth a sample of their own
public record OpSpec(
    Op op,
    List<Input> inputs,
    boolean gradient,
    boolean smooth,
    long depth,
    double loose,
    boolean specialInputs) {
  /// A sample with first and second derivatives.
  public static OpSpec smooth(Op op, Input... inputs) {
    return new OpSpec(op, List.of(inputs), true, true, 1, 1, true);
  }

  /// A sample with first derivatives only.
  public static OpSpec kinked(Op op, Input... inputs) {
    return new OpSpec(op, List.of(inputs), true, false, 1, 1, true);
  }

  /// A sample without derivatives.
  public static OpSpec flat(Op op, Input... inputs) {
    return new OpSpec(op, List.of(inputs), false, false, 1, 1, true);
  }

  /// With sums of `length` terms.
  public OpSpec depth(long length) {
    return new OpSpec(op, inputs, gradient, smooth, length, loose, specialInputs);
  }

  /// With a tolerance `factor` times the usual one, for `reason`.
  public OpSpec loose(double factor, String reason) {
    if (reason.isBlank()) {
      throw new IllegalArgumentException("a looser tolerance needs a reason");
    }
    return new OpSpec(op, inputs, gradient, smooth, depth, factor, specialInputs);
  }

  /// Without samples of NaN and infinities.
  public OpSpec finiteOnly() {
    return new OpSpec(op, inputs, gradient, smooth, depth, loose, false);
  }

  /// The inputs for `seed`.
  public List<Tensor> make(DType floating, Device device, long seed) {
    List<Tensor> made = new java.util.ArrayList<>();
    for (int i = 0; i < inputs.size(); i++) {
      made.add(inputs.get(i).make(floating, device, seed + 100L * i));
    }
    return made;
  }

  /// Runs the op.
  public List<Tensor> run(List<Tensor> in) {
    return Interpreter.current().apply(op, in);
  }

  @Override
  public String toString() {
    String shapes = inputs.stream().map(i -> i.shape().toString()).toList().toString();
    return op + " " + shapes;
  }
}
