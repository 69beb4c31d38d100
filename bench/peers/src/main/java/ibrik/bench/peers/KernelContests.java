package ibrik.bench.peers;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.training.GradientCollector;
import ibrik.tensor.Tensor;
import ibrik.tensor.exec.Interpreter;
import ibrik.tensor.op.Conv2dGeometry;
import ibrik.tensor.op.Linear;
import ibrik.tensor.op.Normalize;
import ibrik.tensor.op.QuantGrid;
import ibrik.tensor.op.Quantize;
import ibrik.tensor.op.Transport;
import ibrik.tensor.op.Update;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.nd4j.enums.WeightsFormat;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.api.ops.impl.layers.convolution.config.Conv2DConfig;
import org.nd4j.linalg.api.ops.impl.layers.convolution.config.PaddingMode;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/// Single kernels. Where a library has no op for the work, it is composed of those it has, and the
/// name of the peer says so.
final class KernelContests {
  private static final String TORCH = "PyTorch";
  private static final String ND4J = "ND4J";

  /// Sixteen million numbers.
  private static final int MANY = 1 << 24;

  private static final double SCALE = 1.0 / 64;
  private static final double TAU = 0.996;
  private static final double SINKHORN_EPS = 0.5;
  private static final double NORM_EPS = 1e-5;

  private KernelContests() {}

  static List<Contest> all() {
    List<Contest> all = new ArrayList<>();
    for (int n : new int[] {256, 512, 1024, 2048}) {
      all.add(product(n));
    }
    all.add(convolution(64, 32, 64));
    all.add(convolution(64, 8, 256));
    all.add(convolutionWithGradients(64, 32, 64));
    all.add(convolutionWithGradients(64, 8, 256));
    all.add(batchNorm(64, 32, 64));
    all.add(softmax(4096, 1000));
    all.add(sinkhorn(512, 3000));
    all.add(fakeQuantize());
    all.add(fakeQuantizeWithGradient());
    all.add(movingAverage());
    all.add(sum());
    return all;
  }

  private static Tensor apply(ibrik.tensor.op.Op op, List<Tensor> in) {
    return Interpreter.current().apply1(op, in);
  }

  private static Contest product(int n) {
    float[] a = Numbers.uniform(1, n, n);
    float[] b = Numbers.uniform(2, n, n);
    return new Contest(
            "sgemm",
            n + "x" + n + "x" + n,
            1e-5,
            () ->
                new OurSide(in -> List.of(in.get(0).matMul(in.get(1))))
                    .input(a, n, n)
                    .input(b, n, n))
        .with(
            TORCH,
            () ->
                new TorchSide(
                        in -> new NDList(in.get(0).matMul(in.get(1))), UnaryOperator.identity())
                    .input(a, n, n)
                    .input(b, n, n))
        .with(
            ND4J,
            () ->
                new Nd4jSide(in -> List.of(in.get(0).mmul(in.get(1))), UnaryOperator.identity())
                    .input(a, n, n)
                    .input(b, n, n))
        .with("OpenBLAS", () -> new BlasSide(n, a, b));
  }

  /// A convolution 3x3 with padding 1 from `c` channels to `c`, `n` images of `h` x `h`.
  private record Layer(int n, int h, int c, float[] x, float[] w) {
    static Layer of(int n, int h, int c) {
      return new Layer(n, h, c, Numbers.uniform(1, n, h, h, c), Numbers.uniform(2, c, 3, 3, c));
    }

    String size() {
      return c + "->" + c + " 3x3, " + h + "x" + h + ", N=" + n;
    }

    float[] xFirst() {
      return Numbers.channelsFirst(x, n, h, h, c);
    }

    /// `[k,c,r,s]`.
    float[] wFirst() {
      return Numbers.channelsFirst(w, c, 3, 3, c);
    }

    float[] imagesLast(float[] y) {
      return Numbers.channelsLast(y, n, c, h, h);
    }

    float[] weightsLast(float[] y) {
      return Numbers.channelsLast(y, c, c, 3, 3);
    }

    /// Output, gradient of the images, gradient of the weights.
    float[] allLast(float[] all) {
      int images = x.length;
      return Numbers.joined(
          imagesLast(java.util.Arrays.copyOfRange(all, 0, images)),
          imagesLast(java.util.Arrays.copyOfRange(all, images, 2 * images)),
          weightsLast(java.util.Arrays.copyOfRange(all, 2 * images, all.length)));
    }

    OurSide ours(Function<List<Tensor>, List<Tensor>> work) {
      return new OurSide(work).input(x, n, h, h, c).input(w, c, 3, 3, c);
    }
  }

  private static Contest convolution(int n, int h, int c) {
    Layer layer = Layer.of(n, h, c);
    Linear.Conv2d op = new Linear.Conv2d(Conv2dGeometry.of(1, 1));
    return new Contest("conv2d", layer.size(), 1e-5, () -> layer.ours(in -> List.of(apply(op, in))))
        .with(
            TORCH,
            () ->
                new TorchSide(KernelContests::torchConv, layer::imagesLast)
                    .input(layer.xFirst(), n, c, h, h)
                    .input(layer.wFirst(), c, c, 3, 3))
        .with(
            ND4J,
            () ->
                new Nd4jSide(
                        in -> List.of(Nd4j.cnn().conv2d(in.get(0), in.get(1), nd4jConv())),
                        layer::imagesLast)
                    .input(layer.xFirst(), n, c, h, h)
                    .input(layer.wFirst(), c, c, 3, 3));
  }

  private static NDList torchConv(NDList in) {
    return Conv2d.conv2d(in.get(0), in.get(1), null, new Shape(1, 1), new Shape(1, 1));
  }

  private static Conv2DConfig nd4jConv() {
    return Conv2DConfig.builder()
        .kH(3)
        .kW(3)
        .sH(1)
        .sW(1)
        .pH(1)
        .pW(1)
        .dH(1)
        .dW(1)
        .paddingMode(PaddingMode.VALID)
        .dataFormat("NCHW")
        .weightsFormat(WeightsFormat.OIYX)
        .build();
  }

  /// Output and both gradients, for a cotangent of ones.
  private static Contest convolutionWithGradients(int n, int h, int c) {
    Layer layer = Layer.of(n, h, c);
    Conv2dGeometry g = Conv2dGeometry.of(1, 1);
    float[] ones = new float[layer.x.length];
    java.util.Arrays.fill(ones, 1);
    return new Contest(
            "conv2d and gradients",
            layer.size(),
            1e-4,
            () ->
                layer
                    .ours(
                        in ->
                            List.of(
                                apply(new Linear.Conv2d(g), in.subList(0, 2)),
                                apply(
                                    new Linear.Conv2dBackwardData(g, h, h),
                                    List.of(in.get(2), in.get(1))),
                                apply(
                                    new Linear.Conv2dBackwardWeight(g, 3, 3),
                                    List.of(in.get(0), in.get(2)))))
                    .input(ones, n, h, h, c))
        .with(
            TORCH,
            () ->
                new TorchSide(KernelContests::torchGradients, layer::allLast)
                    .input(layer.xFirst(), n, c, h, h)
                    .input(layer.wFirst(), c, c, 3, 3))
        .with(
            ND4J,
            () ->
                new Nd4jSide(KernelContests::nd4jGradients, layer::allLast)
                    .input(layer.xFirst(), n, c, h, h)
                    .input(layer.wFirst(), c, c, 3, 3)
                    .input(ones, n, c, h, h));
  }

  /// The inputs are fresh leaves, so gradients do not add up from run to run.
  private static NDList torchGradients(NDList in) {
    NDArray x = in.get(0);
    NDArray w = in.get(1);
    x.setRequiresGradient(true);
    w.setRequiresGradient(true);
    try (GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
      NDArray y = torchConv(in).singletonOrThrow();
      collector.backward(y); // the cotangent is made of ones
      return new NDList(y, x.getGradient(), w.getGradient());
    }
  }

  private static List<INDArray> nd4jGradients(List<INDArray> in) {
    INDArray y = Nd4j.cnn().conv2d(in.get(0), in.get(1), nd4jConv());
    INDArray dx = Nd4j.createUninitialized(in.get(0).dataType(), in.get(0).shape());
    INDArray dw = Nd4j.createUninitialized(in.get(1).dataType(), in.get(1).shape());
    Nd4j.exec(
        DynamicCustomOp.builder("conv2d_bp")
            .addInputs(in.get(0), in.get(1), in.get(2))
            .addOutputs(dx, dw)
            // Kernel, stride, padding, dilation, explicit padding, NCHW, OIYX.
            .addIntegerArguments(3, 3, 1, 1, 1, 1, 1, 1, 0, 0, 1)
            .build());
    return List.of(y, dx, dw);
  }

  private static Contest batchNorm(int n, int h, int c) {
    Layer layer = Layer.of(n, h, c);
    float[] gamma = Numbers.uniform(3, c);
    float[] beta = Numbers.uniform(4, c);
    Normalize.BatchNorm op = new Normalize.BatchNorm(NORM_EPS);
    return new Contest(
            "batch_norm, training",
            n + "x" + h + "x" + h + "x" + c,
            1e-5,
            () ->
                new OurSide(in -> Interpreter.current().apply(op, in).subList(0, 1))
                    .input(layer.x, n, h, h, c)
                    .input(gamma, c)
                    .input(beta, c))
        .with(
            TORCH,
            () ->
                new TorchSide(
                        in ->
                            BatchNorm.batchNorm(
                                in.get(0),
                                in.get(3),
                                in.get(4),
                                in.get(1),
                                in.get(2),
                                1,
                                0.9f,
                                (float) NORM_EPS,
                                true),
                        layer::imagesLast)
                    .input(layer.xFirst(), n, c, h, h)
                    .input(gamma, c)
                    .input(beta, c)
                    .input(new float[c], c)
                    .input(new float[c], c))
        .with(
            ND4J + ", composed",
            () ->
                new Nd4jSide(KernelContests::nd4jBatchNorm, UnaryOperator.identity())
                    .input(layer.x, (long) n * h * h, c)
                    .input(gamma, c)
                    .input(beta, c));
  }

  private static List<INDArray> nd4jBatchNorm(List<INDArray> in) {
    INDArray x = in.get(0);
    INDArray mean = x.mean(0);
    INDArray variance = x.var(false, 0);
    return List.of(Nd4j.nn().batchNorm(x, mean, variance, in.get(1), in.get(2), NORM_EPS, 1));
  }

  private static Contest softmax(int rows, int columns) {
    float[] x = Numbers.uniform(1, rows, columns);
    return new Contest(
            "softmax",
            rows + "x" + columns,
            1e-5,
            () -> new OurSide(in -> List.of(in.getFirst().softmax())).input(x, rows, columns))
        .with(
            TORCH,
            () ->
                new TorchSide(in -> new NDList(in.getFirst().softmax(-1)), UnaryOperator.identity())
                    .input(x, rows, columns))
        .with(
            ND4J,
            () ->
                new Nd4jSide(
                        in -> List.of(Nd4j.nn().softmax(in.getFirst(), 1)),
                        UnaryOperator.identity())
                    .input(x, rows, columns));
  }

  private static Contest sinkhorn(int rows, int columns) {
    float[] x = Numbers.uniform(1, rows, columns);
    Transport.SinkhornKnopp op = new Transport.SinkhornKnopp(SINKHORN_EPS, 3);
    return new Contest(
            "sinkhorn_knopp, 3 iterations",
            rows + "x" + columns,
            1e-4,
            () -> new OurSide(in -> List.of(apply(op, in))).input(x, rows, columns))
        .with(
            TORCH + ", composed",
            () ->
                new TorchSide(KernelContests::torchSinkhorn, UnaryOperator.identity())
                    .input(x, rows, columns))
        .with(
            ND4J + ", composed",
            () ->
                new Nd4jSide(KernelContests::nd4jSinkhorn, UnaryOperator.identity())
                    .input(x, rows, columns));
  }

  /// As in the code of the paper: columns to 1/K, rows to 1/B, in place.
  private static NDList torchSinkhorn(NDList in) {
    NDArray q = in.getFirst().div(SINKHORN_EPS).exp();
    long samples = q.getShape().get(0);
    long prototypes = q.getShape().get(1);
    for (int i = 0; i < 3; i++) {
      q.divi(q.sum(new int[] {0}, true).mul(prototypes));
      q.divi(q.sum(new int[] {1}, true).mul(samples));
    }
    return new NDList(q.muli(samples));
  }

  private static List<INDArray> nd4jSinkhorn(List<INDArray> in) {
    INDArray q = Transforms.exp(in.getFirst().div(SINKHORN_EPS), false);
    long samples = q.size(0);
    long prototypes = q.size(1);
    for (int i = 0; i < 3; i++) {
      q.diviRowVector(q.sum(0).muli(prototypes));
      q.diviColumnVector(q.sum(1).muli(samples));
    }
    return List.of(q.muli(samples));
  }

  private static Contest fakeQuantize() {
    float[] x = Numbers.uniform(1, MANY);
    Quantize.FakeQuantize op = new Quantize.FakeQuantize(QuantGrid.signed(8), 0);
    return new Contest(
            "fake_quantize, 8 bits",
            "16M",
            1e-6,
            () ->
                new OurSide(in -> List.of(apply(op, in)))
                    .input(x, MANY)
                    .input(new float[] {(float) SCALE})
                    .input(new float[] {0}))
        .with(
            TORCH + ", composed",
            () ->
                new TorchSide(
                        in ->
                            new NDList(
                                in.getFirst().mul(1 / SCALE).round().clip(-128, 127).muli(SCALE)),
                        UnaryOperator.identity())
                    .input(x, MANY))
        .with(
            ND4J + ", composed",
            () ->
                new Nd4jSide(KernelContests::nd4jFakeQuantize, UnaryOperator.identity())
                    .input(x, MANY));
  }

  private static List<INDArray> nd4jFakeQuantize(List<INDArray> in) {
    INDArray q = in.getFirst().mul(1 / SCALE);
    Nd4j.exec(DynamicCustomOp.builder("rint").addInputs(q).addOutputs(q).build());
    Nd4j.exec(
        DynamicCustomOp.builder("clipbyvalue")
            .addInputs(q)
            .addOutputs(q)
            .addFloatingPointArguments(-128.0, 127.0)
            .build());
    return List.of(q.muli(SCALE));
  }

  /// Output and gradient. Half of the numbers lie outside the grid, where none passes.
  private static Contest fakeQuantizeWithGradient() {
    float[] x = Numbers.uniform(1, MANY);
    float[] dy = Numbers.uniform(2, MANY);
    QuantGrid grid = QuantGrid.signed(8);
    double scale = 1.0 / 256;
    return new Contest(
            "fake_quantize and gradient",
            "16M",
            1e-6,
            () ->
                new OurSide(
                        in ->
                            List.of(
                                apply(new Quantize.FakeQuantize(grid, 0), in.subList(0, 3)),
                                apply(new Quantize.FakeQuantizeBackward(grid, 0), in)))
                    .input(x, MANY)
                    .input(new float[] {(float) scale})
                    .input(new float[] {0})
                    .input(dy, MANY))
        .with(
            TORCH + ", composed",
            () ->
                new TorchSide(in -> torchFakeQuantize(in, scale), UnaryOperator.identity())
                    .input(x, MANY)
                    .input(dy, MANY));
  }

  /// The gradient passes where the rounded number lies in the grid.
  private static NDList torchFakeQuantize(NDList in, double scale) {
    NDArray rounded = in.get(0).mul(1 / scale).round();
    NDArray inside = rounded.gte(-128).logicalAnd(rounded.lte(127));
    NDArray y = rounded.clip(-128, 127).muli(scale);
    return new NDList(y, in.get(1).mul(inside));
  }

  private static Contest movingAverage() {
    float[] target = Numbers.uniform(1, MANY);
    float[] source = Numbers.uniform(2, MANY);
    Update.Ema op = new Update.Ema(1);
    return new Contest(
            "ema",
            "16M",
            1e-6,
            () ->
                new OurSide(
                        in -> {
                          Interpreter.current().apply(op, in);
                          return List.of(in.getFirst());
                        })
                    .input(target, MANY)
                    .input(source, MANY)
                    .input(new float[] {(float) TAU}))
        .with(
            TORCH,
            () ->
                new TorchSide(
                        in -> {
                          NDArray kept = in.get(0).muli(TAU);
                          return new NDList(kept.addi(in.get(1).mul(1 - TAU)));
                        },
                        UnaryOperator.identity())
                    .input(target, MANY)
                    .input(source, MANY))
        .with(
            ND4J,
            () ->
                new Nd4jSide(
                        in -> {
                          INDArray part = in.get(1).mul(1 - TAU);
                          in.get(0).muli(TAU).addi(part);
                          return List.of(in.get(0), part);
                        },
                        all -> java.util.Arrays.copyOf(all, MANY))
                    .input(target, MANY)
                    .input(source, MANY));
  }

  private static Contest sum() {
    float[] a = Numbers.uniform(1, MANY);
    float[] b = Numbers.uniform(2, MANY);
    return new Contest(
            "add",
            "16M",
            0,
            () ->
                new OurSide(in -> List.of(in.get(0).add(in.get(1)))).input(a, MANY).input(b, MANY))
        .with(
            TORCH,
            () ->
                new TorchSide(in -> new NDList(in.get(0).add(in.get(1))), UnaryOperator.identity())
                    .input(a, MANY)
                    .input(b, MANY))
        .with(
            ND4J,
            () ->
                new Nd4jSide(in -> List.of(in.get(0).add(in.get(1))), UnaryOperator.identity())
                    .input(a, MANY)
                    .input(b, MANY));
  }
}
