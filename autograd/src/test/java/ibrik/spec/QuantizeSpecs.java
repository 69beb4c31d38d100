package ibrik.spec;

import static ibrik.spec.Input.normal;
import static ibrik.spec.Input.positive;
import static ibrik.spec.OpSpec.flat;
import static ibrik.spec.OpSpec.kinked;

import ibrik.tensor.op.QuantGrid;
import ibrik.tensor.op.Quantize;
import java.util.List;

/// Samples of [Quantize]. The forward ops are steps with conventional gradients, so nothing is
/// compared with differences there; the backward ops have true derivatives.
final class QuantizeSpecs {
  private static final List<QuantGrid> GRIDS =
      List.of(
          QuantGrid.signed(2),
          QuantGrid.restricted(3).dividing(),
          QuantGrid.unsigned(4).addingZeroFirst(),
          QuantGrid.signed(8).dividing());

  private QuantizeSpecs() {}

  static void add(List<OpSpec> specs) {
    for (long n : new long[] {0, 1, 15, 16, 17, 33, 1025}) {
      specs.add(flat(new Quantize.StraightThroughRound(), normal(n)));
      specs.add(flat(new Quantize.PactQuantize(3), normal(n), positive()));
      specs.add(
          kinked(new Quantize.PactQuantizeBackward(), normal(n), positive(), normal(n))
              .depth(Math.max(1, n)));
    }
    for (QuantGrid grid : GRIDS) {
      for (long n : new long[] {0, 1, 15, 17, 1025}) {
        wholeTensor(specs, grid, n);
      }
      perChannel(specs, grid, 0, 5, 3, 3, 7);
      perChannel(specs, grid, 0, 3, 40);
      perChannel(specs, grid, 1, 2, 3, 17);
      perChannel(specs, grid, 2, 2, 3, 33);
      perChannel(specs, grid, 0, 7);
      mixed(specs, grid);
    }
    QuantGrid eight = QuantGrid.signed(8);
    specs.add(flat(new Quantize.FakeQuantize(eight, 0), normal(70_001), positive(), normal()));
    specs.add(
        flat(
                new Quantize.FakeQuantizeParametersBackward(eight, 0),
                normal(70_001),
                positive(),
                normal(),
                normal(70_001))
            .depth(70_001));
  }

  private static void wholeTensor(List<OpSpec> specs, QuantGrid grid, long n) {
    all(specs, grid, 0, normal(n), positive(), normal(), n);
  }

  private static void perChannel(List<OpSpec> specs, QuantGrid grid, int axis, long... dims) {
    Input x = normal(dims);
    long channels = dims[axis];
    all(specs, grid, axis, x, positive(channels), normal(channels), x.shape().elems() / channels);
  }

  private static void mixed(List<OpSpec> specs, QuantGrid grid) {
    all(specs, grid, 0, normal(4, 5), positive(4), normal(), 20);
    all(specs, grid, 1, normal(4, 5), positive(), normal(5), 20);
  }

  private static void all(
      List<OpSpec> specs, QuantGrid grid, int axis, Input x, Input scale, Input zero, long terms) {
    long depth = Math.max(1, terms);
    specs.add(flat(new Quantize.FakeQuantize(grid, axis), x, scale, zero));
    specs.add(flat(new Quantize.LearnedFakeQuantize(grid, axis, 0.5), x, scale, zero));
    specs.add(kinked(new Quantize.FakeQuantizeBackward(grid, axis), x, scale, zero, x));
    specs.add(
        kinked(new Quantize.FakeQuantizeParametersBackward(grid, axis), x, scale, zero, x)
            .depth(depth)
            .finiteOnly());
    if (grid.divide() && !grid.zeroBeforeRound()) {
      specs.add(flat(new Quantize.LsqQuantize(grid, axis, 0.5), x, scale));
      specs.add(
          kinked(new Quantize.LsqQuantizeBackward(grid, axis, 0.5), x, scale, x)
              .depth(depth)
              .finiteOnly());
    }
  }
}
