package ibrik.spec;

import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.Shape;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.op.Activation;
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
import ibrik.tensor.op.Update;
import java.util.ArrayList;
import java.util.List;

/// One broken call per op and rule, with its text.
public final class ErrorSamples {
  private static final String CAST = "cast it with cast(DType.F32)";
  private static final String EXTENTS = "extents must be equal or 1, aligned at the last axis";
  private static final Conv2dGeometry PLAIN = Conv2dGeometry.of(1, 0);

  private final List<ErrorSample> samples = new ArrayList<>();

  private ErrorSamples() {}

  /// Every sample.
  public static List<ErrorSample> all() {
    ErrorSamples all = new ErrorSamples();
    all.create();
    all.elementwise();
    all.reduce();
    all.layout();
    all.linear();
    all.pool();
    all.index();
    all.normalize();
    all.loss();
    all.random();
    all.update();
    ErrorSamplesOfQuantize.add(all.samples);
    ErrorSamplesOfBinary.add(all.samples);
    ErrorSamplesOfLosses.add(all.samples);
    ErrorSamplesOfTransformers.add(all.samples);
    ErrorSamplesOfIntegers.add(all.samples);
    ErrorSamplesOfImages.add(all.samples);
    ErrorSamplesOfVideo.add(all.samples);
    return List.copyOf(all.samples);
  }

  private void add(Op op, String rule, String got, String fix, String... in) {
    samples.add(ErrorSample.broken(op, rule, got, fix, in));
  }

  private void create() {
    TensorSpec spec = new TensorSpec(DType.F32, Shape.of(2));
    String surplus = "input 0: f32[2]";
    add(new Create.Fill(spec, 0, Device.CPU), "needs 0 inputs ()", surplus, "", "f32[2]");
    add(new Create.Iota(-1, DType.I32, Device.CPU), "n must not be negative; n is -1", "", "");
    add(new Create.Iota(2, DType.BOOL, Device.CPU), "dtype must be a number type", "", "");
  }

  private void elementwise() {
    for (Op op :
        List.of(
            new Elementwise.Neg(),
            new Elementwise.Abs(),
            new Elementwise.Sign(),
            new Elementwise.Exp(),
            new Elementwise.Log(),
            new Elementwise.Sqrt(),
            new Elementwise.Rsqrt(),
            new Elementwise.Reciprocal(),
            new Elementwise.Square(),
            new Elementwise.Sin(),
            new Elementwise.Cos(),
            new Elementwise.Tanh(),
            new Elementwise.Sigmoid(),
            new Elementwise.Erf(),
            new Activation.Gelu(),
            new Elementwise.Relu(),
            new Elementwise.Floor(),
            new Elementwise.Round(),
            new Elementwise.Scale(2),
            new Elementwise.Offset(2),
            new Elementwise.Pow(2),
            new Elementwise.Clamp(0, 1),
            new Elementwise.IsFinite())) {
      add(op, "x must be floating point", "x: i32[2,3]", CAST, "i32[2,3]");
    }
    for (Op op :
        List.of(
            new Elementwise.Add(),
            new Elementwise.Sub(),
            new Elementwise.Mul(),
            new Elementwise.Div(),
            new Elementwise.Maximum(),
            new Elementwise.Minimum(),
            new Elementwise.ReluBackward())) {
      String one = "a and b must have one element type";
      add(op, one, "a: f32[2], b: f64[2]", "cast one of them", "f32[2]", "f64[2]");
      add(op, "a and b must be numbers", "a: bool[2], b: bool[2]", "", "bool[2]", "bool[2]");
      add(op, EXTENTS, "a: f32[2,3], b: f32[2]", "reshape one of them", "f32[2,3]", "f32[2]");
      add(op, "needs 2 inputs (a, b)", "a: f32[2]", "", "f32[2]");
    }
    Op compare = new Elementwise.Compare(Comparison.LESS);
    String one = "a and b must have one element type";
    add(compare, one, "a: i32[2], b: i64[2]", "cast one of them", "i32[2]", "i64[2]");
    add(compare, EXTENTS, "a: i32[2], b: i32[3]", "reshape one of them", "i32[2]", "i32[3]");
    Op where = new Elementwise.Where();
    add(
        where,
        "condition must be bool",
        "condition: u8[2], a: f32[2], b: f32[2]",
        "cast it with cast(DType.BOOL)",
        "u8[2]",
        "f32[2]",
        "f32[2]");
    add(
        where,
        one,
        "condition: bool[2], a: f32[2], b: f64[2]",
        "cast one of them",
        "bool[2]",
        "f32[2]",
        "f64[2]");
    add(
        where,
        EXTENTS,
        "condition: bool[3], a: f32[2], b: f32[2]",
        "reshape one of them",
        "bool[3]",
        "f32[2]",
        "f32[2]");
    add(new Elementwise.Cast(DType.F32), "needs 1 inputs (x)", "", "");
    Op not = new Elementwise.Not();
    add(not, "x must be bool", "x: u8[2]", "cast it with cast(DType.BOOL)", "u8[2]");
  }

  private void reduce() {
    for (Op op :
        List.of(
            new Reduce.Sum(List.of(2), false),
            new Reduce.Mean(List.of(2), false),
            new Reduce.Max(List.of(2), true),
            new Reduce.Min(List.of(2), false),
            new Reduce.ArgMax(2, false))) {
      add(op, "axes [2] must exist", "x: f32[2,3]", "", "f32[2,3]");
    }
    Op twice = new Reduce.Sum(List.of(1, -1), false);
    add(twice, "axes [1, -1] must differ", "x: f32[2,3]", "", "f32[2,3]");
    Op sum = new Reduce.Sum(List.of(0), false);
    add(sum, "x must hold numbers", "x: bool[2]", "cast it", "bool[2]");
    Op mean = new Reduce.Mean(List.of(0), false);
    add(mean, "x must be floating point", "x: i32[2]", CAST, "i32[2]");
    Op argMax = new Reduce.ArgMax(1, false);
    add(argMax, "axis 1 must not be empty", "x: f32[2,0]", "", "f32[2,0]");
  }

  private void layout() {
    Op reshape = new Layout.Reshape(Shape.of(4));
    add(reshape, "element count must stay; [4] has 4", "x: f32[2,3]", "", "f32[2,3]");
    add(new Layout.Detach(), "needs 1 inputs (x)", "", "");
    add(new Layout.ToDevice(Device.CPU), "needs 1 inputs (x)", "", "");
    Op axis = new Layout.Narrow(2, 0, 1);
    add(axis, "axis 2 must exist (not negative)", "x: f32[2,3]", "", "f32[2,3]");
    Op range = new Layout.Narrow(1, 2, 2);
    add(range, "range [2, 4) must lie inside the axis", "x: f32[2,3]", "", "f32[2,3]");
    Op pad = new Layout.Pad(2, 0, 1);
    add(pad, "axis 2 must exist (not negative)", "x: f32[2,3]", "", "f32[2,3]");
    Op cut = new Layout.Pad(0, -1, 0);
    add(cut, "padding must not be negative", "x: f32[2,3]", "", "f32[2,3]");
    Op order = new Layout.Transpose(List.of(0, 0));
    add(order, "order [0, 0] must name each axis once", "x: f32[2,3]", "", "f32[2,3]");
    add(
        new Layout.BroadcastTo(Shape.of(4, 2)),
        "extents must be equal to those of [4,2] or 1, aligned at the last axis",
        "x: f32[3]",
        "",
        "f32[3]");
    add(new Layout.Concat(0), "needs at least one tensor", "", "");
    Op far = new Layout.Concat(1);
    add(far, "axis 1 must exist (not negative)", "x0: f32[2]", "", "f32[2]");
    add(
        far,
        "types and all extents but that of axis 1 must agree",
        "x0: f32[2,3], x1: f32[3,3]",
        "",
        "f32[2,3]",
        "f32[3,3]");
  }

  private void linear() {
    Op matMul = new Linear.MatMul(false, true);
    add(
        matMul,
        "a must be floating point; b must be floating point",
        "a: i32[2,3], b: i32[2,3]",
        CAST,
        "i32[2,3]",
        "i32[2,3]");
    add(
        matMul,
        "a and b must have one element type",
        "a: f32[2,3], b: f64[2,3]",
        "cast one of them",
        "f32[2,3]",
        "f64[2,3]");
    add(
        matMul,
        "a and b must have at least 2 axes",
        "a: f32[3], b: f32[2,3]",
        "",
        "f32[3]",
        "f32[2,3]");
    add(
        matMul,
        "inner extents must be equal (3 and 4)",
        "a: f32[2,3], b: f32[2,4]",
        "set the transpose flags or reshape",
        "f32[2,3]",
        "f32[2,4]");
    add(
        matMul,
        "batch extents must be equal or 1, aligned at the right",
        "a: f32[2,1,3], b: f32[3,1,3]",
        "",
        "f32[2,1,3]",
        "f32[3,1,3]");

    Op conv = new Linear.Conv2d(PLAIN.grouped(2));
    add(
        conv,
        "x must have 4 axes",
        "x: f32[5,5,4], w: f32[2,1,1,2]",
        "",
        "f32[5,5,4]",
        "f32[2,1,1,2]");
    add(
        conv,
        "channels of x must be those of w times groups = 2",
        "x: f32[1,5,5,3], w: f32[2,1,1,2]",
        "",
        "f32[1,5,5,3]",
        "f32[2,1,1,2]");
    add(
        conv,
        "output channels must be divisible by groups = 2",
        "x: f32[1,5,5,4], w: f32[3,1,1,2]",
        "",
        "f32[1,5,5,4]",
        "f32[3,1,1,2]");
    add(
        conv,
        "padded image must not be smaller than the dilated kernel",
        "x: f32[1,2,5,4], w: f32[2,3,3,2]",
        "add padding or use a smaller kernel",
        "f32[1,2,5,4]",
        "f32[2,3,3,2]");

    Op data = new Linear.Conv2dBackwardData(PLAIN.grouped(2), 5, 5);
    add(
        data,
        "dy and w must have one element type",
        "dy: f32[1,5,5,2], w: f64[2,1,1,2]",
        "cast one of them",
        "f32[1,5,5,2]",
        "f64[2,1,1,2]");
    add(
        data,
        "channels of dy must be the output channels of w",
        "dy: f32[1,5,5,4], w: f32[2,1,1,2]",
        "",
        "f32[1,5,5,4]",
        "f32[2,1,1,2]");
    add(
        data,
        "output channels must be divisible by groups = 2",
        "dy: f32[1,5,5,3], w: f32[3,1,1,2]",
        "",
        "f32[1,5,5,3]",
        "f32[3,1,1,2]");
    add(
        data,
        "dy must have the size that an image of 5x5 gives",
        "dy: f32[1,4,5,2], w: f32[2,1,1,2]",
        "",
        "f32[1,4,5,2]",
        "f32[2,1,1,2]");

    Op weight = new Linear.Conv2dBackwardWeight(PLAIN.grouped(2), 1, 1);
    add(
        weight,
        "x and dy must have one batch size",
        "x: f32[1,5,5,4], dy: f32[2,5,5,2]",
        "",
        "f32[1,5,5,4]",
        "f32[2,5,5,2]");
    add(
        weight,
        "channels must be divisible by groups = 2",
        "x: f32[1,5,5,4], dy: f32[1,5,5,3]",
        "",
        "f32[1,5,5,4]",
        "f32[1,5,5,3]");
    add(
        weight,
        "dy must have the size that x gives with a 1x1 kernel",
        "x: f32[1,5,5,4], dy: f32[1,5,4,2]",
        "",
        "f32[1,5,5,4]",
        "f32[1,5,4,2]");
  }

  private void pool() {
    String small = "padded image must not be smaller than the window";
    String padding = "padding must be at most half the window, groups 1";
    for (Op op : List.of(new Pool.MaxPool2d(3, 3, PLAIN), new Pool.AvgPool2d(3, 3, PLAIN))) {
      add(op, "x must be floating point", "x: i32[1,5,5,2]", CAST, "i32[1,5,5,2]");
      add(op, "x must have 4 axes", "x: f32[5,5,2]", "", "f32[5,5,2]");
      add(op, small, "x: f32[1,2,5,2]", "", "f32[1,2,5,2]");
    }
    Conv2dGeometry wide = Conv2dGeometry.of(1, 2);
    add(new Pool.MaxPool2d(3, 3, wide), padding, "x: f32[1,5,5,2]", "", "f32[1,5,5,2]");
    add(new Pool.AvgPool2d(3, 3, wide), padding, "x: f32[1,5,5,2]", "", "f32[1,5,5,2]");
    Op none = new Pool.MaxPool2d(0, 1, PLAIN);
    add(none, "window must be at least 1x1", "x: f32[1,5,5,2]", "", "f32[1,5,5,2]");
    Op scatter = new Pool.MaxPool2dBackward(5, 5);
    add(
        scatter,
        "index must be i32",
        "dy: f32[1,2,2,1], index: i64[1,2,2,1]",
        "cast it with cast(DType.I32)",
        "f32[1,2,2,1]",
        "i64[1,2,2,1]");
    add(
        scatter,
        "dy and index must have one shape",
        "dy: f32[1,2,2,1], index: i32[1,2,2,2]",
        "",
        "f32[1,2,2,1]",
        "i32[1,2,2,2]");
    add(
        new Pool.MaxPool2dGather(),
        "batch and channels must agree",
        "x: f32[1,5,5,2], index: i32[2,2,2,2]",
        "",
        "f32[1,5,5,2]",
        "i32[2,2,2,2]");
    add(
        new Pool.AvgPool2dBackward(3, 3, PLAIN, 5, 5),
        "dy must have the size that an image of 5x5 gives",
        "dy: f32[1,3,2,1]",
        "",
        "f32[1,3,2,1]");
  }

  private void index() {
    String toInt = "cast it with cast(DType.I32)";
    Op gather = new Index.Gather();
    add(gather, "index must be i32", "x: f32[2], index: i64[2]", toInt, "f32[2]", "i64[2]");
    add(gather, "index must have 1 axes", "x: f32[2], index: i32[2,1]", "", "f32[2]", "i32[2,1]");
    add(gather, "x must have at least one axis", "x: f32[], index: i32[2]", "", "f32[]", "i32[2]");
    Op scatter = new Index.ScatterAdd(-1);
    add(
        scatter,
        "x and index must have one length; rows must not be negative",
        "x: f32[3,2], index: i32[2]",
        "",
        "f32[3,2]",
        "i32[2]");
    add(
        new Index.OneHot(0, DType.F32),
        "classes must be at least 1",
        "index: i32[2]",
        "",
        "i32[2]");
    add(new Index.TopK(4), "k = 4 must be in [0, last extent]", "x: f32[2,3]", "", "f32[2,3]");
  }

  private void normalize() {
    for (Op op :
        List.of(
            new Normalize.Softmax(), new Normalize.LogSoftmax(), new Normalize.L2Normalize(1))) {
      add(op, "x must be floating point", "x: i32[2,3]", CAST, "i32[2,3]");
      add(op, "x must have at least one axis", "x: f32[]", "", "f32[]");
    }
    add(
        new Normalize.L2NormalizeBackward(1),
        "x and dy must have one type and shape",
        "x: f32[2,3], dy: f32[3,2]",
        "",
        "f32[2,3]",
        "f32[3,2]");
    Op norm = new Normalize.BatchNorm(1e-5);
    add(
        norm,
        "gamma and beta must be f32[3], the last axis of x",
        "x: f32[2,3], gamma: f32[2], beta: f32[3]",
        "",
        "f32[2,3]",
        "f32[2]",
        "f32[3]");
    add(
        norm,
        "x must have at least 2 axes",
        "x: f32[3], gamma: f32[3], beta: f32[3]",
        "",
        "f32[3]",
        "f32[3]",
        "f32[3]");
    add(
        norm,
        "x must not be empty: no statistics over no elements",
        "x: f32[0,3], gamma: f32[3], beta: f32[3]",
        "",
        "f32[0,3]",
        "f32[3]",
        "f32[3]");
    add(
        norm,
        "gamma and beta must be f32[3], the last axis of x",
        "x: bf16[2,3], gamma: bf16[3], beta: f32[3]",
        "",
        "bf16[2,3]",
        "bf16[3]",
        "f32[3]");
    add(
        new Normalize.BatchNormReluBackward(1e-5, true),
        "x, y and dy must have one type and shape",
        "x: bf16[2,3], gamma: f32[3], mean: f32[3], variance: f32[3], y: bf16[2,3], dy: f32[2,3]",
        "",
        "bf16[2,3]",
        "f32[3]",
        "f32[3]",
        "f32[3]",
        "bf16[2,3]",
        "f32[2,3]");
    add(
        new Normalize.BatchNormInference(1e-5),
        "gamma, beta, mean and variance must be f32[3]",
        "x: f16[2,3], gamma: f32[3], beta: f32[3], mean: f16[3], variance: f32[3]",
        "",
        "f16[2,3]",
        "f32[3]",
        "f32[3]",
        "f16[3]",
        "f32[3]");
    add(
        new Normalize.BatchNormBackward(1e-5),
        "gamma, mean and variance must be f32[3]",
        "x: f32[2,3], gamma: f32[3], mean: f64[3], variance: f32[3], dy: f32[2,3]",
        "",
        "f32[2,3]",
        "f32[3]",
        "f64[3]",
        "f32[3]",
        "f32[2,3]");
    add(
        new Normalize.BatchNormRelu(1e-5, true),
        "gamma and beta must be f32[3], the last axis of x;"
            + " residual must have the type and shape of x",
        "x: f32[2,3], gamma: f32[3], beta: f32[2], residual: f32[1,3]",
        "",
        "f32[2,3]",
        "f32[3]",
        "f32[2]",
        "f32[1,3]");
    add(
        new Normalize.BatchNormRelu(1e-5, true),
        "needs 4 inputs (x, gamma, beta, residual)",
        "x: f32[2,3], gamma: f32[3], beta: f32[3]",
        "",
        "f32[2,3]",
        "f32[3]",
        "f32[3]");
    add(
        new Normalize.BatchNormRelu(1e-5, false),
        "x must not be empty: no statistics over no elements",
        "x: f32[0,3], gamma: f32[3], beta: f32[3]",
        "",
        "f32[0,3]",
        "f32[3]",
        "f32[3]");
    add(
        new Normalize.BatchNormReluBackward(1e-5, false),
        "x, y and dy must have one type and shape",
        "x: f32[2,3], gamma: f32[3], mean: f32[3], variance: f32[3], y: f32[2,3], dy: f32[3,2]",
        "",
        "f32[2,3]",
        "f32[3]",
        "f32[3]",
        "f32[3]",
        "f32[2,3]",
        "f32[3,2]");
    add(
        new Normalize.BatchNormInference(1e-5),
        "gamma, beta, mean and variance must be f32[3]",
        "x: f32[2,3], gamma: f32[3], beta: f32[2], mean: f32[3], variance: f32[3]",
        "",
        "f32[2,3]",
        "f32[3]",
        "f32[2]",
        "f32[3]",
        "f32[3]");
  }

  private void loss() {
    Op loss = new Loss.SoftmaxCrossEntropy();
    add(
        loss,
        "labels must be i32",
        "logits: f32[2,3], labels: i64[2]",
        "cast it with cast(DType.I32)",
        "f32[2,3]",
        "i64[2]");
    add(
        loss,
        "logits and labels must have one number of rows",
        "logits: f32[2,3], labels: i32[3]",
        "",
        "f32[2,3]",
        "i32[3]");
    add(
        loss,
        "logits need at least one class",
        "logits: f32[2,0], labels: i32[2]",
        "",
        "f32[2,0]",
        "i32[2]");
    add(
        new Loss.SoftmaxCrossEntropyBackward(),
        "dloss must have the shape of labels",
        "logits: f32[2,3], labels: i32[2], dloss: f32[2,1]",
        "",
        "f32[2,3]",
        "i32[2]",
        "f32[2,1]");
  }

  private void random() {
    TensorSpec spec = new TensorSpec(DType.F32, Shape.of(2));
    TensorSpec ints = spec.with(DType.I32);
    for (Op op :
        List.of(
            new RandomOp.RandomUniform(spec, 0, 1),
            new RandomOp.RandomNormal(spec, 0, 1),
            new RandomOp.RandomBernoulli(spec, 0.5))) {
      add(op, "key must have shape [2]: seed, stream", "key: i64[3]", "", "i64[3]");
      add(op, "key must be i64", "key: i32[2]", "cast it with cast(DType.I64)", "i32[2]");
    }
    add(
        new RandomOp.RandomUniform(ints, 0, 1),
        "the result must be floating point; asked for i32[2]",
        "key: i64[2]",
        "",
        "i64[2]");
  }

  private void update() {
    add(
        new Update.Assign(),
        "target and source must have one type and shape",
        "target: f32[2], source: f32[3]",
        "",
        "f32[2]",
        "f32[3]");
    add(
        new Update.Ema(1),
        "source 0 must have the type and shape of target 0",
        "target 0: f32[2], source 0: f64[2], scalar 0: f32[]",
        "",
        "f32[2]",
        "f64[2]",
        "f32[]");
    add(
        new Update.Ema(1),
        "scalar 0 must be a 0-d float",
        "target 0: f32[2], source 0: f32[2], scalar 0: f32[1]",
        "",
        "f32[2]",
        "f32[2]",
        "f32[1]");
    add(
        new Update.Sgd(0, false, List.of(0.0)),
        "moment 0 must have the type and shape of parameter 0",
        "parameter 0: f32[2], gradient 0: f32[2], moment 0: f32[3], scalar 0: f32[]",
        "",
        "f32[2]",
        "f32[2]",
        "f32[3]",
        "f32[]");
    add(
        new Update.Lars(0, 1, false, List.of(0.0), List.of(true)),
        "needs 4 inputs (parameter 0, gradient 0, moment 0, scalar 0)",
        "parameter 0: f32[2], gradient 0: f32[2]",
        "",
        "f32[2]",
        "f32[2]");
    add(
        new Update.AdamW(0, 0, 1, List.of(0.0)),
        "parameter 0 must be floating point",
        "parameter 0: i32[2], gradient 0: i32[2], first moment 0: i32[2], second moment 0: i32[2],"
            + " scalar 0: f32[], scalar 1: f32[]",
        CAST,
        "i32[2]",
        "i32[2]",
        "i32[2]",
        "i32[2]",
        "f32[]",
        "f32[]");
  }
}
