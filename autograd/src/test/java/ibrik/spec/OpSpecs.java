package ibrik.spec;

import static ibrik.spec.Input.bool;
import static ibrik.spec.Input.distinct;
import static ibrik.spec.Input.indices;
import static ibrik.spec.Input.int8;
import static ibrik.spec.Input.key;
import static ibrik.spec.Input.normal;
import static ibrik.spec.Input.positive;
import static ibrik.spec.OpSpec.flat;
import static ibrik.spec.OpSpec.kinked;
import static ibrik.spec.OpSpec.smooth;

import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.Shape;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.op.Activation;
import ibrik.tensor.op.Attend;
import ibrik.tensor.op.Conv2dGeometry;
import ibrik.tensor.op.Create;
import ibrik.tensor.op.Elementwise;
import ibrik.tensor.op.Elementwise.Comparison;
import ibrik.tensor.op.Index;
import ibrik.tensor.op.Layout;
import ibrik.tensor.op.Linear;
import ibrik.tensor.op.Loss;
import ibrik.tensor.op.Normalize;
import ibrik.tensor.op.Op;
import ibrik.tensor.op.Pool;
import ibrik.tensor.op.RandomOp;
import ibrik.tensor.op.Reduce;
import ibrik.tensor.op.Redundancy;
import ibrik.tensor.op.Similarity;
import ibrik.tensor.op.Transport;
import java.util.ArrayList;
import java.util.List;

/// Samples of every op. Sizes stand around lane and block boundaries; large ones are kept few.
/// Update ops write to their inputs and have specs of their own tests.
public final class OpSpecs {
  /// Elements of flat samples that are cut into chunks, the last one not full.
  private static final long LARGE = 70_001;

  private OpSpecs() {}

  /// Every sample.
  public static List<OpSpec> all() {
    List<OpSpec> specs = new ArrayList<>();
    create(specs);
    unary(specs);
    binary(specs);
    otherElementwise(specs);
    reduce(specs);
    layout(specs);
    linear(specs);
    VideoSpecs.add(specs);
    pool(specs);
    index(specs);
    normalize(specs);
    batchNormRelu(specs);
    layerNorm(specs);
    attend(specs);
    loss(specs);
    QuantizeSpecs.add(specs);
    IntegerSpecs.add(specs);
    BinarySpecs.add(specs);
    ImageSpecs.add(specs);
    transport(specs);
    similarity(specs);
    redundancy(specs);
    random(specs);
    return List.copyOf(specs);
  }

  /// Samples large enough that the work of every kernel is cut into several tasks.
  public static List<OpSpec> large() {
    List<OpSpec> specs = new ArrayList<>();
    TensorSpec spec = new TensorSpec(DType.F32, Shape.of(LARGE));
    specs.add(flat(new Create.Fill(spec, 0.5, Device.CPU)));
    specs.add(flat(new Create.Iota(LARGE, DType.F32, Device.CPU)));
    for (Op op : List.of(new Elementwise.Exp(), new Elementwise.Relu(), new Elementwise.Sin())) {
      specs.add(flat(op, normal(LARGE)));
    }
    specs.add(flat(new Elementwise.Add(), normal(LARGE), normal(LARGE)));
    specs.add(flat(new Elementwise.Mul(), normal(1100, 67), normal(67)));
    specs.add(flat(new Elementwise.Sub(), normal(1100, 67), normal(1100, 1)));
    specs.add(flat(new Elementwise.Maximum(), normal(33, 40, 67), normal(33, 1, 67)));
    specs.add(flat(new Elementwise.ReluBackward(), normal(LARGE), normal(LARGE)));
    specs.add(flat(new Elementwise.Compare(Comparison.LESS), normal(LARGE), normal(LARGE)));
    specs.add(flat(new Elementwise.Where(), bool(LARGE), normal(LARGE), normal()));
    specs.add(flat(new Elementwise.Cast(DType.F32), indices(255, LARGE)));
    specs.add(flat(new Elementwise.IsFinite(), normal(LARGE)));
    Input cube = normal(65, 31, 40);
    for (List<Integer> axes :
        List.of(List.of(0), List.of(1), List.of(2), List.of(0, 1), List.of(0, 2), List.of(1, 2))) {
      specs.add(flat(new Reduce.Sum(axes, false), cube).depth(2600));
      specs.add(flat(new Reduce.Max(axes, false), cube));
    }
    specs.add(flat(new Reduce.Mean(List.of(0, 1, 2), false), cube).depth(80_600));
    specs.add(flat(new Reduce.Sum(List.of(0), false), normal(5000, 17)).depth(5000));
    specs.add(flat(new Reduce.ArgMax(-1, false), normal(1100, 67)));
    specs.add(flat(new Layout.Narrow(1, 3, 60), normal(1100, 67)));
    specs.add(flat(new Layout.Pad(1, 3, 2), normal(1100, 67)));
    specs.add(flat(new Layout.Transpose(List.of(1, 0)), normal(1100, 67)));
    specs.add(flat(new Layout.Transpose(List.of(0, 2, 1, 3)), normal(7, 50, 40, 3)));
    specs.add(flat(new Layout.BroadcastTo(Shape.of(1100, 67)), normal(67)));
    specs.add(flat(new Layout.Concat(1), normal(1100, 60), normal(1100, 7)));
    specs.add(flat(new Linear.MatMul(false, false), normal(300, 70), normal(70, 200)).depth(70));
    specs.add(flat(new Linear.MatMul(true, false), normal(900, 60), normal(900, 110)).depth(900));
    specs.add(flat(new Linear.MatMul(false, true), normal(9, 2100), normal(33, 2100)).depth(2100));
    Conv2dGeometry same = Conv2dGeometry.of(1, 1);
    conv(specs, same, 5, 14, 15, 17, 50, 3, 3, false);
    conv(specs, Conv2dGeometry.of(2, 1), 9, 16, 16, 3, 33, 3, 3, false);
    Conv2dGeometry half = Conv2dGeometry.of(2, 0);
    specs.add(flat(new Pool.MaxPool2d(2, 2, half), normal(9, 24, 20, 17)));
    specs.add(flat(new Pool.AvgPool2d(2, 2, half), normal(9, 24, 20, 17)));
    specs.add(flat(new Pool.AvgPool2dBackward(2, 2, half, 24, 20), normal(9, 12, 10, 17)));
    Input places = indices(480, 9, 12, 10, 17);
    specs.add(flat(new Pool.MaxPool2dBackward(24, 20), normal(9, 12, 10, 17), places).depth(120));
    specs.add(flat(new Pool.MaxPool2dGather(), normal(9, 24, 20, 17), places));
    specs.add(flat(new Index.Gather(), normal(50, 67), indices(50, 1100)));
    specs.add(flat(new Index.ScatterAdd(50), normal(1100, 67), indices(50, 1100)).depth(1100));
    specs.add(flat(new Index.OneHot(67, DType.F32), indices(67, 1100)));
    specs.add(flat(new Index.TopK(5), normal(1100, 67)));
    Input rows = normal(1100, 67);
    specs.add(flat(new Normalize.Softmax(), rows).depth(67));
    specs.add(flat(new Normalize.LogSoftmax(), rows).depth(67));
    specs.add(flat(new Normalize.L2Normalize(1e-12), rows).depth(67));
    specs.add(flat(new Normalize.L2NormalizeBackward(1e-12), rows, rows).depth(67));
    Input c = normal(67);
    specs.add(flat(new Normalize.BatchNorm(1e-5), rows, c, c).depth(1100));
    specs.add(
        flat(new Normalize.BatchNormBackward(1e-5), rows, c, c, positive(67), rows).depth(1100));
    batchNormRelu(specs, rows, c, positive(67));
    specs.add(flat(new Normalize.BatchNormInference(1e-5), rows, c, c, c, positive(67)).depth(4));
    specs.add(flat(new Normalize.LayerNorm(1e-5), rows, c, c).depth(67));
    specs.add(flat(new Normalize.LayerNormBackward(1e-5), rows, rows, c).depth(1100));
    specs.add(flat(new Activation.Gelu(), normal(LARGE)));
    specs.add(flat(new Activation.GeluBackward(), normal(LARGE), normal(LARGE)));
    Input labels = indices(67, 1100);
    specs.add(flat(new Loss.SoftmaxCrossEntropy(), rows, labels).depth(67));
    specs.add(flat(new Loss.SoftmaxCrossEntropyBackward(), rows, labels, normal(1100)).depth(67));
    ImageSpecs.addLarge(specs);
    return List.copyOf(specs);
  }

  private static void create(List<OpSpec> specs) {
    TensorSpec spec = new TensorSpec(DType.F32, Shape.of(33, 3));
    specs.add(flat(new Create.Fill(spec, 1.5, Device.CPU)));
    specs.add(flat(new Create.Fill(spec.with(Shape.scalar()), -2, Device.CPU)));
    specs.add(flat(new Create.Fill(spec.with(Shape.of(3, 0)), 1, Device.CPU)));
    specs.add(flat(new Create.Iota(17, DType.I32, Device.CPU)));
    specs.add(flat(new Create.Iota(1, DType.F32, Device.CPU)));
    specs.add(flat(new Create.Iota(0, DType.F32, Device.CPU)));
  }

  private static void unary(List<OpSpec> specs) {
    for (Op op :
        List.of(
            new Elementwise.Neg(),
            new Elementwise.Exp(),
            new Elementwise.Square(),
            new Elementwise.Sin(),
            new Elementwise.Cos(),
            new Elementwise.Tanh(),
            new Elementwise.Sigmoid(),
            new Elementwise.Erf(),
            new Elementwise.Scale(-1.7),
            new Elementwise.Offset(0.3))) {
      for (long n : new long[] {0, 1, 15, 16, 17, 31, 33}) {
        specs.add(smooth(op, normal(n)));
      }
      specs.add(smooth(op, normal(3, 1, 11)));
    }
    String cancels = "1 + erf cancels below 0 where it is composed";
    for (long n : new long[] {0, 1, 15, 16, 17, 31, 33}) {
      specs.add(smooth(new Activation.Gelu(), normal(n)).loose(4, cancels));
    }
    specs.add(smooth(new Activation.Gelu(), normal(3, 1, 11)).loose(4, cancels));
    for (long n : new long[] {0, 1, 17, 33}) {
      specs.add(smooth(new Activation.GeluBackward(), normal(n), normal(n)));
    }
    for (Op op :
        List.of(
            new Elementwise.Log(),
            new Elementwise.Sqrt(),
            new Elementwise.Rsqrt(),
            new Elementwise.Reciprocal(),
            new Elementwise.Pow(2.5))) {
      specs.add(smooth(op, positive(1)));
      specs.add(smooth(op, positive(35)));
      specs.add(smooth(op, positive(0, 4)));
    }
    for (Op op :
        List.of(
            new Elementwise.Abs(),
            new Elementwise.Relu(),
            new Elementwise.Sign(),
            new Elementwise.Floor(),
            new Elementwise.Round(),
            new Elementwise.Clamp(-0.513, 0.711))) {
      specs.add(kinked(op, distinct(1)));
      specs.add(kinked(op, distinct(37)));
      specs.add(kinked(op, distinct(0)));
    }
  }

  private static void binary(List<OpSpec> specs) {
    for (Op op : List.of(new Elementwise.Add(), new Elementwise.Sub(), new Elementwise.Mul())) {
      specs.add(smooth(op, normal(33), normal(33)));
      specs.add(smooth(op, normal(3, 17), normal(17)));
      specs.add(smooth(op, normal(3, 17), normal(3, 1)));
      specs.add(smooth(op, normal(2, 1, 5), normal(3, 1)));
      specs.add(smooth(op, normal(), normal(2, 19)));
      specs.add(smooth(op, normal(0, 4), normal(4)));
      specs.add(smooth(op, normal(1), normal(1)));
      specs.add(smooth(op, normal(2, 3, 2, 4), normal(3, 1, 4)));
    }
    specs.add(smooth(new Elementwise.Div(), normal(3, 17), positive(17)));
    specs.add(smooth(new Elementwise.Div(), normal(5, 1), positive(5, 4)));
    specs.add(smooth(new Elementwise.Div(), normal(1), positive(1)));
    specs.add(smooth(new Elementwise.Div(), normal(0), positive(1)));
    for (Op op : List.of(new Elementwise.Maximum(), new Elementwise.Minimum())) {
      specs.add(kinked(op, distinct(33), normal(33)));
      specs.add(kinked(op, distinct(3, 17), normal(17)));
      specs.add(kinked(op, distinct(1), normal()));
      specs.add(kinked(op, distinct(0, 3), normal(3)));
    }
    for (long n : new long[] {0, 1, 35}) {
      specs.add(kinked(new Elementwise.ReluBackward(), normal(n), normal(n)));
    }
  }

  private static void otherElementwise(List<OpSpec> specs) {
    for (Comparison how : Comparison.values()) {
      specs.add(flat(new Elementwise.Compare(how), normal(3, 17), normal(17)));
      specs.add(flat(new Elementwise.Compare(how), indices(4, 5, 33), indices(4, 33)));
      specs.add(flat(new Elementwise.Compare(how), normal(), normal(1)));
      specs.add(flat(new Elementwise.Compare(how), normal(0), normal(1)));
    }
    specs.add(kinked(new Elementwise.Where(), bool(3, 17), normal(3, 17), normal(17)));
    specs.add(kinked(new Elementwise.Where(), bool(3, 1), normal(1), normal(3, 5)));
    specs.add(kinked(new Elementwise.Where(), bool(1), normal(1), normal(1)));
    specs.add(kinked(new Elementwise.Where(), bool(0, 3), normal(3), normal(0, 1)));
    for (long n : new long[] {0, 1, 33}) {
      specs.add(kinked(new Elementwise.Cast(DType.F64), normal(n)));
      specs.add(flat(new Elementwise.Not(), bool(n)));
      specs.add(flat(new Elementwise.IsFinite(), normal(n)));
    }
    specs.add(kinked(new Elementwise.Where(), bool(3, 17), normal(3, 17), normal()));
    specs.add(kinked(new Elementwise.Where(), bool(3, 17), normal(1, 1), normal(3, 17)));
    specs.add(kinked(new Elementwise.Where(), bool(35), normal(35), normal(35)));
    specs.add(kinked(new Elementwise.Where(), bool(0, 3), normal(), normal(1)));
    specs.add(kinked(new Elementwise.Where(), bool(1), normal(1, 1, 1), normal(1)));
    specs.add(flat(new Elementwise.Cast(DType.F32), indices(200, 33)));
    specs.add(flat(new Elementwise.Cast(DType.F32), int8(33)));
    specs.add(flat(new Elementwise.Cast(DType.I32), int8(9)));
    specs.add(flat(new Elementwise.Cast(DType.I8), normal(33)));
    specs.add(flat(new Elementwise.Cast(DType.I8), indices(1000, 9)));
    specs.add(flat(new Elementwise.Cast(DType.I32), normal(33)).finiteOnly());
    specs.add(flat(new Elementwise.Cast(DType.U8), positive(9)).finiteOnly());
  }

  private static void reduce(List<OpSpec> specs) {
    List<List<Integer>> axes =
        List.of(List.of(0), List.of(-1), List.of(0, 1), List.of(0, 2), List.of(1));
    for (List<Integer> some : axes) {
      specs.add(smooth(new Reduce.Sum(some, false), normal(5, 3, 17)).depth(51));
      specs.add(smooth(new Reduce.Mean(some, true), normal(5, 3, 17)).depth(51));
      specs.add(kinked(new Reduce.Max(some, false), distinct(5, 3, 7)));
      specs.add(kinked(new Reduce.Min(some, true), distinct(5, 3, 7)));
    }
    specs.add(smooth(new Reduce.Sum(List.of(0), false), normal(0, 4)));
    specs.add(smooth(new Reduce.Sum(List.of(), false), normal(3)));
    specs.add(smooth(new Reduce.Sum(List.of(0), false), normal(1025)).depth(1025));
    specs.add(flat(new Reduce.Sum(List.of(0), false), normal(1300, 19)).depth(1300));
    specs.add(flat(new Reduce.Sum(List.of(0), false), normal(70_001)).depth(70_001));
    specs.add(flat(new Reduce.Mean(List.of(1, 2), false), normal(4, 7, 7, 33)).depth(49));
    for (List<Integer> axis : List.of(List.of(0), List.of(1))) {
      specs.add(kinked(new Reduce.Max(axis, false), distinct(1, 1)));
      specs.add(kinked(new Reduce.Min(axis, true), distinct(1, 1)));
      specs.add(smooth(new Reduce.Sum(axis, true), normal(1, 1)));
      specs.add(smooth(new Reduce.Mean(axis, false), normal(1, 1)));
      specs.add(flat(new Reduce.Max(axis, false), normal(0, 3)));
      specs.add(flat(new Reduce.Min(axis, true), normal(0, 3)));
      specs.add(flat(new Reduce.Mean(axis, false), normal(0, 3)));
    }
    specs.add(flat(new Reduce.ArgMax(1, false), normal(0, 3)));
    specs.add(flat(new Reduce.ArgMax(0, false), normal(1)));
    specs.add(flat(new Reduce.ArgMax(-1, false), normal(7, 9)));
    specs.add(flat(new Reduce.ArgMax(0, true), normal(7, 9)));
  }

  private static void layout(List<OpSpec> specs) {
    specs.add(smooth(new Layout.Reshape(Shape.of(6, 4)), normal(2, 3, 4)));
    specs.add(flat(new Layout.Detach(), normal(5)));
    specs.add(smooth(new Layout.Narrow(0, 1, 2), normal(4, 3)));
    specs.add(smooth(new Layout.Narrow(1, 1, 2), normal(4, 3)));
    specs.add(smooth(new Layout.Narrow(1, 3, 0), normal(4, 3)));
    specs.add(smooth(new Layout.Pad(1, 2, 1), normal(4, 3)));
    specs.add(smooth(new Layout.Transpose(List.of(1, 0)), normal(35, 18)));
    specs.add(smooth(new Layout.Transpose(List.of(2, 0, 1)), normal(2, 3, 4)));
    specs.add(smooth(new Layout.Transpose(List.of(2, 0, 3, 1, 4)), normal(2, 3, 2, 2, 5)));
    specs.add(smooth(new Layout.Transpose(List.of(1, 0, 2)), normal(3, 0, 4)));
    specs.add(flat(new Layout.Transpose(List.of(0, 2, 1, 3)), indices(9, 2, 3, 5, 4)));
    specs.add(smooth(new Layout.BroadcastTo(Shape.of(4, 3, 5)), normal(3, 1)));
    specs.add(smooth(new Layout.BroadcastTo(Shape.of(7, 5)), normal(5)));
    specs.add(smooth(new Layout.Concat(1), normal(2, 3), normal(2, 1), normal(2, 0)));
    specs.add(smooth(new Layout.ToDevice(Device.REFERENCE), normal(5)));
    specs.add(smooth(new Layout.Reshape(Shape.of(3, 5)), normal(5, 3)));
    specs.add(smooth(new Layout.Narrow(1, 1, 3), normal(3, 5)));
    specs.add(smooth(new Layout.Pad(1, 1, 1), normal(3, 3)));
    specs.add(smooth(new Layout.Transpose(List.of(1, 0)), normal(5, 3)));
    specs.add(smooth(new Layout.Concat(0), normal(3), normal(2)));
    for (long n : new long[] {0, 1}) {
      specs.add(smooth(new Layout.Reshape(Shape.of(1, n)), normal(n)));
      specs.add(flat(new Layout.Detach(), normal(n)));
      specs.add(smooth(new Layout.Narrow(1, 0, n), normal(n, 1)));
      specs.add(smooth(new Layout.Pad(0, 0, 0), normal(n)));
      specs.add(smooth(new Layout.Transpose(List.of(1, 0)), normal(1, n)));
      specs.add(smooth(new Layout.BroadcastTo(Shape.of(n, 1)), normal(1)));
      specs.add(smooth(new Layout.Concat(0), normal(n)));
      specs.add(smooth(new Layout.ToDevice(Device.REFERENCE), normal(n)));
    }
  }

  private static void linear(List<OpSpec> specs) {
    for (boolean ta : new boolean[] {false, true}) {
      for (boolean tb : new boolean[] {false, true}) {
        Linear.MatMul op = new Linear.MatMul(ta, tb);
        specs.add(
            smooth(op, ta ? normal(3, 5) : normal(5, 3), tb ? normal(4, 3) : normal(3, 4))
                .depth(3));
        long[][] sizes = {
          {17, 49, 33}, {1, 1, 1}, {9, 97, 15}, {100, 16, 401}, {8, 48, 0}, {0, 3, 2}
        };
        for (long[] s : sizes) {
          specs.add(
              flat(
                      op,
                      ta ? normal(s[2], s[0]) : normal(s[0], s[2]),
                      tb ? normal(s[1], s[2]) : normal(s[2], s[1]))
                  .depth(Math.max(1, s[2])));
        }
        specs.add(
            smooth(
                    op,
                    ta ? normal(2, 1, 3, 2) : normal(2, 1, 2, 3),
                    tb ? normal(3, 4, 3) : normal(3, 3, 4))
                .depth(3));
      }
    }
    conv(specs, Conv2dGeometry.of(1, 0), 1, 1, 1, 1, 1, 1, 1, true);
    conv(specs, Conv2dGeometry.of(1, 1), 0, 5, 6, 3, 4, 3, 3, true);
    conv(specs, Conv2dGeometry.of(1, 1), 2, 5, 6, 3, 4, 3, 3, true);
    conv(specs, Conv2dGeometry.of(2, 1), 1, 7, 6, 2, 3, 3, 3, true);
    conv(specs, Conv2dGeometry.of(2, 0), 2, 5, 5, 3, 2, 1, 1, true);
    conv(specs, new Conv2dGeometry(1, 2, 2, 1, 2, 1, 1), 1, 7, 6, 2, 3, 3, 2, true);
    conv(specs, Conv2dGeometry.of(1, 1).grouped(2), 1, 4, 4, 4, 6, 3, 3, true);
    conv(specs, Conv2dGeometry.of(1, 1), 3, 9, 28, 16, 16, 3, 3, false);
    conv(specs, Conv2dGeometry.of(1, 1), 2, 28, 28, 16, 16, 3, 3, false); // several row blocks
    conv(specs, Conv2dGeometry.of(2, 1), 2, 14, 14, 16, 33, 3, 3, false);
    conv(specs, Conv2dGeometry.of(1, 1), 2, 7, 7, 32, 64, 3, 3, false);
    conv(specs, Conv2dGeometry.of(2, 3), 2, 20, 21, 3, 20, 7, 7, false);
    conv(specs, Conv2dGeometry.of(1, 1), 18, 6, 6, 1, 16, 3, 3, false);
    conv(specs, Conv2dGeometry.of(2, 0), 2, 9, 9, 17, 50, 1, 1, false);
    conv(specs, Conv2dGeometry.of(1, 1).grouped(6), 2, 5, 5, 6, 6, 3, 3, false);
    conv(specs, Conv2dGeometry.of(3, 0), 1, 8, 8, 5, 7, 2, 2, false);
    narrowGroups(specs);
  }

  /// Depthwise convolutions, with one output for each input channel or several, and groups of few
  /// channels: fewer, as many, and more channels than vectors of any machine have lanes.
  private static void narrowGroups(List<OpSpec> specs) {
    conv(specs, Conv2dGeometry.of(1, 1).grouped(3), 1, 4, 3, 3, 6, 3, 3, true);
    for (int channels : new int[] {4, 15, 16, 17, 35}) {
      Conv2dGeometry same = Conv2dGeometry.of(1, 1).grouped(channels);
      conv(specs, same, 2, 6, 5, channels, channels, 3, 3, false);
      conv(specs, same, 1, 2, 2, channels, 3L * channels, 3, 3, false);
    }
    Conv2dGeometry odd = new Conv2dGeometry(2, 3, 3, 0, 2, 1, 19);
    conv(specs, odd, 2, 7, 9, 19, 38, 3, 4, false);
    conv(specs, Conv2dGeometry.of(2, 2).grouped(32), 3, 11, 10, 32, 32, 5, 5, false);
    conv(specs, Conv2dGeometry.of(2, 0).grouped(20), 1, 3, 3, 20, 20, 1, 1, false);
    conv(specs, Conv2dGeometry.of(1, 1).grouped(64), 1, 56, 21, 64, 64, 3, 3, false); // blocks
    conv(specs, Conv2dGeometry.of(1, 1).grouped(5), 2, 5, 6, 40, 40, 3, 3, false);
    conv(specs, Conv2dGeometry.of(2, 1).grouped(9), 1, 7, 6, 18, 63, 3, 3, false);
    conv(specs, Conv2dGeometry.of(1, 1).grouped(7), 1, 4, 6, 35, 14, 3, 2, false);
    conv(specs, Conv2dGeometry.of(1, 0).grouped(4), 2, 5, 5, 64, 64, 3, 3, false);
    conv(specs, Conv2dGeometry.of(1, 1).grouped(2), 2, 5, 5, 68, 34, 3, 3, false);
    conv(specs, Conv2dGeometry.of(1, 1).grouped(16), 0, 5, 5, 16, 16, 3, 3, false);
  }

  private static void conv(
      List<OpSpec> specs,
      Conv2dGeometry g,
      long n,
      long h,
      long w,
      long c,
      long k,
      long r,
      long s,
      boolean gradients) {
    long p = g.outHeight(h, r);
    long q = g.outWidth(w, s);
    long perGroup = c / g.groups();
    Input x = normal(n, h, w, c);
    Input weight = normal(k, r, s, perGroup);
    Input dy = normal(n, p, q, k);
    List<OpSpec> three =
        List.of(
            smooth(new Linear.Conv2d(g), x, weight).depth(r * s * perGroup),
            smooth(new Linear.Conv2dBackwardData(g, h, w), dy, weight).depth(r * s * k),
            smooth(new Linear.Conv2dBackwardWeight(g, r, s), x, dy).depth(n * p * q));
    for (OpSpec spec : three) {
      specs.add(
          gradients
              ? spec.finiteOnly()
              : new OpSpec(spec.op(), spec.inputs(), false, false, spec.depth(), 1, false));
    }
  }

  private static void pool(List<OpSpec> specs) {
    Conv2dGeometry g = Conv2dGeometry.of(2, 1);
    specs.add(kinked(new Pool.MaxPool2d(3, 3, g), distinct(2, 5, 6, 3)));
    specs.add(kinked(new Pool.MaxPool2d(2, 2, Conv2dGeometry.of(2, 0)), distinct(1, 4, 4, 17)));
    specs.add(
        smooth(new Pool.MaxPool2dBackward(4, 5), normal(2, 2, 3, 3), indices(20, 2, 2, 3, 3)));
    specs.add(smooth(new Pool.MaxPool2dGather(), normal(2, 4, 5, 3), indices(20, 2, 2, 3, 3)));
    specs.add(smooth(new Pool.AvgPool2d(3, 3, g), normal(2, 5, 6, 3)).depth(9));
    specs.add(smooth(new Pool.AvgPool2dBackward(3, 3, g, 5, 6), normal(2, 3, 3, 3)).depth(9));
    Input odd = normal(1, 3, 3, 3);
    specs.add(kinked(new Pool.MaxPool2d(3, 3, g), distinct(1, 5, 5, 3)));
    specs.add(smooth(new Pool.MaxPool2dBackward(5, 5), odd, indices(25, 1, 3, 3, 3)));
    specs.add(smooth(new Pool.MaxPool2dGather(), normal(1, 5, 5, 3), indices(25, 1, 3, 3, 3)));
    specs.add(smooth(new Pool.AvgPool2d(3, 3, g), normal(1, 5, 5, 3)).depth(9));
    specs.add(smooth(new Pool.AvgPool2dBackward(3, 3, g, 5, 5), odd).depth(9));
    Conv2dGeometry one = Conv2dGeometry.of(1, 0);
    for (long n : new long[] {0, 1}) {
      Input x = normal(n, 1, 1, 1);
      Input place = indices(1, n, 1, 1, 1);
      specs.add(kinked(new Pool.MaxPool2d(1, 1, one), distinct(n, 1, 1, 1)));
      specs.add(smooth(new Pool.MaxPool2dBackward(1, 1), x, place));
      specs.add(smooth(new Pool.MaxPool2dGather(), x, place));
      specs.add(smooth(new Pool.AvgPool2d(1, 1, one), x));
      specs.add(smooth(new Pool.AvgPool2dBackward(1, 1, one, 1, 1), x));
    }
  }

  private static void index(List<OpSpec> specs) {
    specs.add(smooth(new Index.Gather(), normal(5, 3), indices(5, 7)));
    specs.add(smooth(new Index.Gather(), normal(5), indices(5, 0)));
    specs.add(smooth(new Index.ScatterAdd(5), normal(7, 3), indices(5, 7)).depth(7));
    specs.add(smooth(new Index.Gather(), normal(1), indices(1, 1)));
    specs.add(smooth(new Index.ScatterAdd(1), normal(1), indices(1, 1)));
    specs.add(smooth(new Index.ScatterAdd(3), normal(0, 2), indices(3, 0)));
    specs.add(smooth(new Index.ScatterAdd(3), normal(2, 0), indices(3, 2)));
    specs.add(flat(new Index.OneHot(4, DType.F32), indices(4, 3, 2)));
    specs.add(flat(new Index.OneHot(5, DType.F32), indices(5, 3)));
    specs.add(flat(new Index.OneHot(1, DType.F32), indices(1, 1)));
    specs.add(flat(new Index.OneHot(5, DType.F64), indices(5, 0)));
    specs.add(kinked(new Index.TopK(3), distinct(4, 9)));
    specs.add(kinked(new Index.TopK(3), distinct(5, 7)));
    specs.add(kinked(new Index.TopK(1), distinct(1, 1)));
    specs.add(kinked(new Index.TopK(2), distinct(0, 3)));
    specs.add(flat(new Index.TopK(0), distinct(4, 9)));
    specs.add(flat(new Index.TopK(9), normal(4, 9)));
  }

  private static void normalize(List<OpSpec> specs) {
    for (long width : new long[] {1, 5, 16, 17, 65}) {
      specs.add(smooth(new Normalize.Softmax(), normal(3, width)).depth(width));
      specs.add(smooth(new Normalize.LogSoftmax(), normal(3, width)).depth(width));
      specs.add(smooth(new Normalize.L2Normalize(1e-12), normal(3, width)).depth(width));
      if (width > 1) { // a row of one element has gradient 0: nothing but rounding to compare
        specs.add(
            smooth(new Normalize.L2NormalizeBackward(1e-12), normal(3, width), normal(3, width))
                .depth(width));
      }
    }
    long[][] thin = {{0, 4}, {3, 0}, {1, 1}};
    for (long[] shape : thin) {
      specs.add(smooth(new Normalize.Softmax(), normal(shape)));
      specs.add(smooth(new Normalize.LogSoftmax(), normal(shape)));
      specs.add(smooth(new Normalize.L2Normalize(1e-12), normal(shape)));
      // Inside the guard, where the gradient of a row of one element is not 0.
      specs.add(smooth(new Normalize.L2NormalizeBackward(99), normal(shape), normal(shape)));
    }
    Input one = normal(1);
    specs.add(flat(new Normalize.BatchNorm(1e-5), normal(1, 1), one, one).finiteOnly());
    specs.add(
        flat(
            new Normalize.BatchNormBackward(1e-5),
            normal(1, 1),
            one,
            one,
            positive(1),
            normal(1, 1)));
    for (long n : new long[] {0, 1}) {
      specs.add(
          smooth(new Normalize.BatchNormInference(1e-5), normal(n, 1), one, one, one, positive(1)));
    }
    for (long channels : new long[] {1, 3, 16, 19}) {
      Input c = normal(channels);
      Input v = positive(channels);
      Input x = normal(2, 3, 3, channels);
      // x minus its mean cancels; the error is relative to x, not to the small differences.
      String reason = "centring cancels leading digits";
      specs.add(
          smooth(new Normalize.BatchNorm(1e-5), x, c, c).depth(18).loose(4, reason).finiteOnly());
      specs.add(
          smooth(new Normalize.BatchNormBackward(1e-5), x, c, c, v, x).depth(18).loose(4, reason));
      specs.add(smooth(new Normalize.BatchNormInference(1e-5), x, c, c, c, v).loose(4, reason));
    }
    specs.add(
        flat(new Normalize.BatchNorm(1e-5), normal(1200, 33), normal(33), normal(33))
            .depth(1200)
            .finiteOnly());
    specs.add(
        flat(
                new Normalize.BatchNormBackward(1e-5),
                normal(1200, 33),
                normal(33),
                normal(33),
                positive(33),
                normal(1200, 33))
            .depth(1200));
  }

  /// Samples of four ops each: with a residual and without, forward and backward.
  private static void batchNormRelu(List<OpSpec> specs) {
    for (long[] shape :
        new long[][] {{1, 1}, {1, 19}, {7, 1}, {600, 15}, {70, 64}, {41, 95}, {1200, 33}}) {
      batchNormRelu(specs, normal(shape), normal(shape[1]), positive(shape[1]));
    }
    for (long channels : new long[] {1, 3, 16, 17}) {
      Input c = normal(channels);
      Input x = normal(2, 3, 3, channels);
      String reason = "centring cancels leading digits";
      for (boolean residual : new boolean[] {false, true}) {
        Op forward = new Normalize.BatchNormRelu(1e-5, residual);
        Op backward = new Normalize.BatchNormReluBackward(1e-5, residual);
        Input[] in = residual ? new Input[] {x, c, c, x} : new Input[] {x, c, c};
        specs.add(smooth(forward, in).depth(18).loose(4, reason).finiteOnly());
        specs.add(smooth(backward, x, c, c, positive(channels), x, x).depth(18).loose(4, reason));
      }
    }
  }

  private static void batchNormRelu(List<OpSpec> specs, Input x, Input c, Input v) {
    long rows = x.shape().elems() / c.shape().elems();
    for (boolean residual : new boolean[] {false, true}) {
      Op forward = new Normalize.BatchNormRelu(1e-5, residual);
      Op backward = new Normalize.BatchNormReluBackward(1e-5, residual);
      Input[] in = residual ? new Input[] {x, c, c, x} : new Input[] {x, c, c};
      specs.add(flat(forward, in).depth(rows).finiteOnly());
      specs.add(flat(backward, x, c, c, v, x, x).depth(rows));
    }
  }

  private static void layerNorm(List<OpSpec> specs) {
    String reason = "centring cancels leading digits";
    for (long[] shape : new long[][] {{0, 3}, {3, 2}, {2, 3, 5}, {3, 16}, {5, 33}, {300, 19}}) {
      Input x = normal(shape);
      Input c = normal(shape[shape.length - 1]);
      long depth = Math.max(c.shape().elems(), x.shape().elems() / c.shape().elems());
      for (Input[] in : new Input[][] {{x}, {x, c, c}}) {
        specs.add(smooth(new Normalize.LayerNorm(1e-5), in).depth(depth).loose(4, reason));
      }
      for (Input[] in : new Input[][] {{x, x}, {x, x, c}}) {
        specs.add(smooth(new Normalize.LayerNormBackward(1e-2), in).depth(depth).loose(4, reason));
      }
    }
    // A row of one number has variance 0 and gradient 0: nothing but rounding to compare.
    Input one = normal(1);
    specs.add(flat(new Normalize.LayerNorm(1e-5), one, one, one));
    specs.add(flat(new Normalize.LayerNormBackward(1e-5), one, one, one));
    specs.add(flat(new Normalize.LayerNorm(1e-5), normal(3, 0), normal(0), normal(0)));
    specs.add(flat(new Normalize.LayerNormBackward(1e-5), normal(3, 0), normal(3, 0), normal(0)));
  }

  private static void attend(List<OpSpec> specs) {
    String reason = "an error of a score or of its row's logarithm becomes one of the exponent";
    long[][] sizes = {
      {1, 1, 1, 1, 1, 1}, {2, 1, 3, 3, 5, 5}, {1, 3, 2, 5, 4, 3}, {1, 2, 1, 1, 3, 7},
      {0, 2, 3, 3, 4, 4}, {1, 1, 0, 3, 4, 4}, {2, 3, 17, 17, 16, 16}, {1, 2, 33, 50, 19, 35}
    };
    for (long[] n : sizes) {
      Input q = normal(n[0], n[1], n[2], n[4]);
      Input k = normal(n[0], n[1], n[3], n[4]);
      Input v = normal(n[0], n[1], n[3], n[5]);
      Input rows = normal(n[0], n[1], n[2]);
      Input dy = normal(n[0], n[1], n[2], n[5]);
      double scale = 1 / Math.sqrt(n[4]);
      specs.add(smooth(new Attend.Attention(scale), q, k, v).depth(n[3] + n[4]).loose(4, reason));
      specs.add(
          smooth(new Attend.AttentionBackward(scale), q, k, v, rows, dy, rows)
              .depth(n[2] + n[3] + n[5])
              .loose(8, reason + "; dy v^T - slope may cancel"));
    }
    // Several blocks of queries, the last one short.
    Input q = normal(1, 1, 300, 9);
    Input k = normal(1, 1, 700, 9);
    specs.add(flat(new Attend.Attention(0.3), q, k, k).depth(709).loose(4, reason));
    Input rows = positive(1, 1, 300);
    specs.add(
        flat(new Attend.AttentionBackward(0.3), q, k, k, rows, q, rows)
            .depth(709)
            .loose(4, reason));
  }

  private static void loss(List<OpSpec> specs) {
    for (long n : new long[] {0, 1}) {
      Input row = normal(n, 1);
      Input label = indices(1, n);
      specs.add(smooth(new Loss.SoftmaxCrossEntropy(), row, label).finiteOnly());
      specs.add(smooth(new Loss.SoftmaxCrossEntropyBackward(), row, label, normal(n)).finiteOnly());
    }
    for (int classes : new int[] {1, 10, 33}) {
      Input logits = normal(7, classes);
      Input labels = indices(classes, 7);
      specs.add(smooth(new Loss.SoftmaxCrossEntropy(), logits, labels).depth(classes).finiteOnly());
      specs.add(
          smooth(new Loss.SoftmaxCrossEntropyBackward(), logits, labels, normal(7))
              .depth(classes)
              .finiteOnly());
    }
  }

  private static void similarity(List<OpSpec> specs) {
    String reason = "an error of a score grows by 1 / temperature in the exponent";
    long[][] pairs = {{1, 1}, {1, 3}, {2, 1}, {4, 3}, {3, 17}, {5, 16}, {33, 40}, {300, 5}};
    for (long[] size : pairs) {
      Input z = normal(size);
      Input rows = normal(2 * size[0]);
      long depth = Math.max(2 * size[0], size[1]);
      OpSpec forward = smooth(new Similarity.NtXent(0.5), z, z);
      specs.add(forward.depth(depth).loose(4, reason));
      if (size[1] > 1) { // rows of one element have gradient 0: nothing but rounding to compare
        OpSpec backward = smooth(new Similarity.NtXentBackward(0.5), z, z, rows, rows);
        specs.add(backward.depth(depth).loose(4, reason));
      }
    }
    Input none = normal(3, 0); // all scores are 0
    specs.add(smooth(new Similarity.NtXent(0.5), none, none));
    specs.add(smooth(new Similarity.NtXentBackward(0.5), none, none, normal(6), normal(6)));
    long[][] queues = {{1, 1, 1}, {3, 4, 5}, {4, 17, 16}, {0, 3, 2}, {2, 3, 0}, {33, 40, 700}};
    for (long[] size : queues) {
      Input q = normal(size[0], size[1]);
      Input queue = normal(size[2], size[1]);
      Input rows = normal(size[0]);
      long depth = Math.max(1, Math.max(size[2], size[1]));
      for (Op op :
          List.of(new Similarity.InfoNceBackwardQuery(1.5), new Similarity.InfoNceBackward(1.5))) {
        specs.add(smooth(op, q, q, queue, rows, rows).depth(depth).loose(16, reason));
      }
      specs.add(smooth(new Similarity.InfoNce(1.5), q, q, queue).depth(depth).loose(4, reason));
    }
    for (long[] size : new long[][] {{0, 3}, {1, 1}, {1, 4}, {3, 17}, {5, 16}, {67, 33}}) {
      Input x = normal(size);
      Op forward = new Similarity.CosineRegression(1e-12);
      specs.add(smooth(forward, x, x).depth(size[1]));
      if (size[1] > 1) {
        Op backward = new Similarity.CosineRegressionBackward(1e-12);
        specs.add(smooth(backward, x, x, normal(size[0])).depth(size[1]));
      }
      // Below the guard the length counts as constant.
      specs.add(smooth(new Similarity.CosineRegression(1e3), x, x).depth(size[1]));
      Op guarded = new Similarity.CosineRegressionBackward(1e3);
      specs.add(smooth(guarded, x, x, normal(size[0])).depth(size[1]));
    }
    specs.add(flat(new Similarity.CosineRegression(1e-12), normal(3, 0), normal(3, 0)));
    // More keys than one strip of scores holds.
    specs.add(
        flat(new Similarity.InfoNce(3), normal(300, 5), normal(300, 5), normal(4000, 5))
            .depth(4000));
    Input q = normal(300, 5);
    for (Op op :
        List.of(new Similarity.InfoNceBackwardQuery(3), new Similarity.InfoNceBackward(3))) {
      specs.add(
          flat(op, q, q, normal(4000, 5), positive(300), normal(300)).depth(4000).loose(4, reason));
    }
    specs.add(flat(new Similarity.NtXent(0.2), normal(700, 9), normal(700, 9)).depth(1400));
    specs.add(
        flat(
                new Similarity.NtXentBackward(0.2),
                normal(700, 9),
                normal(700, 9),
                positive(1400),
                normal(1400))
            .depth(1400)
            .loose(4, reason));
  }

  private static void redundancy(List<OpSpec> specs) {
    String reason = "centring cancels leading digits";
    for (long[] size : new long[][] {{5, 1}, {6, 3}, {9, 5}, {7, 17}, {40, 16}, {65, 33}}) {
      Input z = normal(size);
      Input d = normal(size[1]);
      long depth = Math.max(size[0], size[1]);
      for (Op op :
          List.of(new Redundancy.BarlowTwins(0.3, 1e-5), new Redundancy.BarlowTwins(0, 0.1))) {
        specs.add(smooth(op, z, z).depth(depth).loose(8, reason));
      }
      OpSpec barlow = smooth(new Redundancy.BarlowTwinsBackward(0.3, 1e-2), z, z, d);
      specs.add(barlow.depth(depth).loose(8, reason));
      OpSpec covariance = smooth(new Redundancy.VicregCovariance(), z);
      specs.add(covariance.depth(depth).loose(8, reason));
      covariance = smooth(new Redundancy.VicregCovarianceBackward(), z, d);
      specs.add(covariance.depth(depth).loose(8, reason));
      // Of standard normal columns the first target catches some, the second all.
      for (double target : new double[] {1, 4}) {
        OpSpec variance = smooth(new Redundancy.VicregVariance(target, 1e-4), z);
        specs.add(variance.depth(depth).loose(8, reason));
        variance = smooth(new Redundancy.VicregVarianceBackward(target, 1e-4), z, d);
        specs.add(variance.depth(depth).loose(8, reason));
      }
    }
    specs.add(smooth(new Redundancy.BarlowTwins(0.3, 1e-2), normal(1, 3), normal(1, 3)));
    Input one = normal(1, 1);
    specs.add(smooth(new Redundancy.BarlowTwins(0.3, 1e-2), one, one));
    specs.add(smooth(new Redundancy.BarlowTwinsBackward(0.3, 1e-2), one, one, normal(1)));
    specs.add(smooth(new Redundancy.VicregVariance(2, 1e-4), normal(2, 3)).loose(4, reason));
    // Several strips, the last one short.
    Input wide = normal(12, 1100);
    Input d = normal(1100);
    specs.add(
        flat(new Redundancy.BarlowTwins(0.005, 1e-5), wide, wide).depth(1100).loose(8, reason));
    specs.add(
        flat(new Redundancy.BarlowTwinsBackward(0.005, 1e-5), wide, wide, d)
            .depth(1100)
            .loose(8, reason));
    specs.add(flat(new Redundancy.VicregCovariance(), wide).depth(1100).loose(8, reason));
    specs.add(
        flat(new Redundancy.VicregCovarianceBackward(), wide, d).depth(1100).loose(8, reason));
  }

  private static void transport(List<OpSpec> specs) {
    // Exponents z carry an error of eps |z|; codes carry it on. 0.02 leads to logarithms.
    String reason = "exponents up to 200 hold their digits after the point to 1e-5";
    long[][] sizes = {{1, 1}, {1, 5}, {5, 1}, {4, 3}, {33, 17}, {0, 3}, {3, 0}, {70, 130}};
    for (long[] size : sizes) {
      Input scores = normal(size);
      specs.add(flat(new Transport.SinkhornKnopp(0.7, 1), scores).depth(130).loose(4, reason));
      specs.add(flat(new Transport.SinkhornKnopp(0.25, 3), scores).depth(130).loose(4, reason));
      specs.add(flat(new Transport.SinkhornKnopp(0.02, 4), scores).depth(130).loose(16, reason));
    }
  }

  private static void random(List<OpSpec> specs) {
    for (long n : new long[] {0, 1, 3, 4, 5, 70_001}) {
      TensorSpec spec = new TensorSpec(DType.F32, Shape.of(n));
      specs.add(flat(new RandomOp.RandomUniform(spec, -1, 2), key()));
      specs.add(flat(new RandomOp.RandomNormal(spec, 1, 2), key()));
      specs.add(flat(new RandomOp.RandomBernoulli(spec, 0.3), key()));
    }
  }
}
