package ibrik.spec;

import static ibrik.spec.Input.indices;
import static ibrik.spec.Input.int8;
import static ibrik.spec.Input.normal;
import static ibrik.spec.Input.positive;
import static ibrik.spec.OpSpec.flat;

import ibrik.tensor.op.Conv2dGeometry;
import ibrik.tensor.op.IntegerOp;
import ibrik.tensor.op.QuantGrid;
import ibrik.tensor.op.Quantize;
import java.util.List;

/// Samples of [IntegerOp] and of the way into it. Integers are compared bit for bit.
final class IntegerSpecs {
  private IntegerSpecs() {}

  static void add(List<OpSpec> specs) {
    for (int zero : new int[] {0, -128, 127}) {
      long[][] sizes = {
        {1, 1, 1},
        {3, 5, 7},
        {16, 48, 16},
        {17, 49, 33},
        {0, 3, 2},
        {2, 0, 3},
        {3, 2, 0},
        {97, 31, 511},
        {8, 16, 513},
        {5, 3, 1100},
        {200, 100, 30}
      };
      for (long[] n : sizes) {
        specs.add(flat(new IntegerOp.IntMatMul(zero), int8(n[0], n[2]), int8(n[1], n[2])));
      }
      specs.add(flat(new IntegerOp.IntMatMul(zero), int8(2, 3, 5), int8(4, 5)));
      specs.add(flat(new IntegerOp.IntMatMul(zero), int8(7), int8(3, 7)));
    }
    conv(specs, Conv2dGeometry.of(1, 0), int8(1, 1, 1, 1), int8(1, 1, 1, 1));
    conv(specs, Conv2dGeometry.of(1, 1), int8(0, 4, 4, 2), int8(3, 3, 3, 2));
    conv(specs, Conv2dGeometry.of(1, 1), int8(2, 5, 7, 3), int8(5, 3, 3, 3));
    conv(specs, Conv2dGeometry.of(2, 3), int8(1, 20, 21, 3), int8(33, 7, 7, 3));
    conv(specs, Conv2dGeometry.of(2, 0), int8(2, 9, 9, 17), int8(50, 1, 1, 17));
    conv(specs, Conv2dGeometry.of(1, 1), int8(2, 7, 7, 64), int8(19, 3, 3, 64));
    Conv2dGeometry odd = new Conv2dGeometry(1, 2, 2, 1, 2, 1, 1);
    conv(specs, odd, int8(1, 7, 6, 2), int8(3, 3, 2, 2));
    for (long[] shape : new long[][] {{0, 3}, {1}, {3}, {5, 7}, {2, 3, 33}, {1100, 67}}) {
      Input sum = indices(1 << 20, shape);
      long channels = shape[shape.length - 1];
      Input bias = indices(1000, channels);
      Input multiplier = indices(Integer.MAX_VALUE, channels);
      Input shift = indices(63, channels);
      specs.add(flat(new IntegerOp.Requantize(3, -128, 127), sum, bias, multiplier, shift));
      specs.add(flat(new IntegerOp.Requantize(-5, -5, 100), sum, bias, multiplier, shift));
    }
    for (long count : new long[] {0, 1, 7, 8, 9, 33}) {
      specs.add(flat(new IntegerOp.PackInt4(), int8(3, count)));
      long words = Math.ceilDiv(count, 8L);
      specs.add(flat(new IntegerOp.UnpackInt4(count), indices(Integer.MAX_VALUE, 3, words)));
    }
    specs.add(flat(new IntegerOp.PackInt4(), int8(1)));
    specs.add(flat(new IntegerOp.UnpackInt4(1), indices(16, 1)));
    QuantGrid grid = QuantGrid.signed(8);
    for (long n : new long[] {0, 1, 17, 1025}) {
      specs.add(flat(new Quantize.QuantizeInt8(grid, 0), normal(n), positive(), normal()));
    }
    specs.add(
        flat(new Quantize.QuantizeInt8(grid.dividing(), 1), normal(3, 5), positive(5), normal(5)));
    specs.add(
        flat(
            new Quantize.QuantizeInt8(QuantGrid.restricted(4), 0),
            normal(3, 5),
            positive(3),
            normal()));
  }

  private static void conv(List<OpSpec> specs, Conv2dGeometry g, Input x, Input w) {
    for (int zero : new int[] {0, -77}) {
      specs.add(flat(new IntegerOp.IntConv2d(g, zero), x, w));
    }
  }
}
