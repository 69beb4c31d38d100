package ibrik.bench.gpu;

import ibrik.bench.gpu.Case.Inputs;
import ibrik.tensor.DType;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.Tensors;
import ibrik.tensor.exec.Interpreter;
import ibrik.tensor.op.Binary;
import ibrik.tensor.op.Conv2dGeometry;
import ibrik.tensor.op.Linear;
import ibrik.tensor.op.Loss;
import ibrik.tensor.op.Normalize;
import ibrik.tensor.op.QuantGrid;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/// Kernels without a peer, at one size each that is far beyond the second cache.
final class MoreCases {
  /// Numbers of the streaming kernels.
  private static final long MANY = 1L << 26;

  private static final String MANY_SIZE = "64M";
  private static final long ROWS = 65_536;
  private static final long WIDTH = 1024;
  private static final String MATRIX = ROWS + "x" + WIDTH;
  private static final double MATRIX_BYTES = 4.0 * ROWS * WIDTH;

  private MoreCases() {}

  static List<Case> all() {
    List<Case> cases = new ArrayList<>();
    streaming(cases);
    rows(cases);
    indices(cases);
    images(cases);
    products(cases);
    return cases;
  }

  private static void add(
      List<Case> to,
      String file,
      String bench,
      String size,
      double bytes,
      double flops,
      Function<Inputs, Inputs> inputs) {
    to.add(new Case(file, bench, size, bytes, flops, device -> inputs.apply(new Inputs(device))));
  }

  private static void streaming(List<Case> to) {
    double one = 4.0 * MANY;
    add(to, "elementwise/unary.cu", "exp", MANY_SIZE, 2 * one, MANY, in -> {
      Tensor x = in.normal(MANY);
      return in.step(() -> List.of(x.exp()));
    });
    add(to, "elementwise/binary.cu", "add", MANY_SIZE, 3 * one, MANY, in -> {
      Tensor x = in.normal(MANY);
      Tensor y = in.normal(MANY);
      return in.step(() -> List.of(x.add(y)));
    });
    add(to, "elementwise/where.cu", "where", MANY_SIZE, 3.25 * one, 0, in -> {
      Tensor x = in.normal(MANY);
      Tensor y = in.normal(MANY);
      Tensor which = in.keep(() -> x.less(y));
      return in.step(() -> List.of(which.where(x, y)));
    });
    add(to, "elementwise/cast.cu", "cast bf16", MANY_SIZE, 1.5 * one, 0, in -> {
      Tensor x = in.normal(MANY);
      return in.step(() -> List.of(x.cast(DType.BF16)));
    });
    add(to, "activation/gelu.cu", "gelu", MANY_SIZE, 2 * one, 8.0 * MANY, in -> {
      Tensor x = in.normal(MANY);
      return in.step(() -> List.of(x.gelu()));
    });
    add(to, "create/fill.cu", "fill", MANY_SIZE, one, 0, in -> {
      TensorSpec spec = new TensorSpec(DType.F32, Shape.of(MANY));
      Tensor x = in.normal(1);
      return in.step(() -> List.of(Tensors.full(spec, 1, x.device())));
    });
    add(to, "random/random.cu", "normal", MANY_SIZE, one, 0, in -> {
      TensorSpec spec = new TensorSpec(DType.F32, Shape.of(MANY));
      Tensor key = in.keep(() -> Tensors.key(1, 2, in.normal(1).device()));
      return in.step(() -> List.of(Tensors.normal(spec, 0, 1, key)));
    });
    add(to, "quantize/pact.cu", "pact", MANY_SIZE, 2 * one, 4.0 * MANY, in -> {
      Tensor x = in.normal(MANY);
      Tensor alpha = in.full(2);
      return in.step(() -> List.of(x.pactQuantize(alpha, 15)));
    });
    add(to, "binary/surrogates.cu", "sign_binarize", MANY_SIZE, 2 * one, 0, in -> {
      Tensor x = in.normal(MANY);
      return in.step(
          () -> List.of(x.signBinarize(Binary.Signs.values()[0], Binary.Surrogate.values()[0])));
    });
    add(to, "integer/requantize.cu", "quantize_int8", MANY_SIZE, 1.25 * one, 4.0 * MANY, in -> {
      Tensor x = in.normal(MANY);
      Tensor scale = in.full(0.1);
      Tensor zero = in.full(0);
      return in.step(
          () -> List.of(x.quantizeInt8(scale, zero, QuantGrid.signed(8), 0)));
    });
  }

  private static void rows(List<Case> to) {
    matrix(to, "reduce/reduce.cu", "sum over columns", 1, x -> List.of(x.sum(List.of(-1), false)));
    matrix(to, "normalize/softmax.cu", "softmax", 2, x -> List.of(x.softmax()));
    matrix(to, "normalize/l2_normalize.cu", "l2_normalize", 2, x -> List.of(x.l2Normalize()));
    matrix(to, "normalize/layer_norm.cu", "layer_norm", 2, x -> List.of(x.layerNorm(1e-5)));
    matrix(to, "layout/transpose.cu", "transpose", 2, x -> List.of(x.transpose(1, 0)));
    matrix(to, "layout/moves.cu", "pad", 2, x -> List.of(x.pad(1, 3, 0)));
    matrix(to, "binary/signs.cu", "pack_signs", 1.03, x -> List.of(x.packSigns()));
    add(
        to,
        "redundancy/vicreg.cu",
        "vicreg_covariance",
        "1024x2048",
        0,
        2.0 * 1024 * 2048 * 2048,
        in -> {
          Tensor x = in.normal(1024, 2048);
          return in.step(() -> List.of(x.vicregCovariance()));
        });
    add(to, "loss/cross_entropy.cu", "softmax_cross_entropy", MATRIX, MATRIX_BYTES, 0, in -> {
      Tensor x = in.normal(ROWS, WIDTH);
      Tensor labels = in.keep(() -> Tensors.iota(ROWS, DType.I32, x.device()).mul(0));
      return in.op(new Loss.SoftmaxCrossEntropy(), x, labels);
    });
    add(to, "similarity/cosine.cu", "cosine_regression", MATRIX, 2 * MATRIX_BYTES, 0, in -> {
      Tensor x = in.normal(ROWS, WIDTH);
      Tensor y = in.normal(ROWS, WIDTH);
      return in.step(() -> List.of(x.cosineRegression(y, 1e-8)));
    });
    add(
        to,
        "normalize/layer_norm_sums.cu",
        "layer_norm_bwd",
        MATRIX,
        3 * MATRIX_BYTES,
        0,
        in -> {
          Tensor x = in.normal(ROWS, WIDTH);
          Tensor dy = in.normal(ROWS, WIDTH);
          return in.op(new Normalize.LayerNormBackward(1e-5), x, dy, in.full(1, WIDTH));
        });
  }

  /// `times` bytes of a large matrix.
  private static void matrix(
      List<Case> to,
      String file,
      String bench,
      double times,
      Function<Tensor, List<Tensor>> what) {
    add(to, file, bench, MATRIX, times * MATRIX_BYTES, 0, in -> {
      Tensor x = in.normal(ROWS, WIDTH);
      return in.step(() -> what.apply(x));
    });
  }

  private static void indices(List<Case> to) {
    double moved = 2 * MATRIX_BYTES;
    add(to, "index/gather.cu", "gather", MATRIX, moved, 0, in -> {
      Tensor x = in.normal(ROWS, WIDTH);
      Tensor index = in.keep(() -> backwards(x));
      return in.step(() -> List.of(x.gather(index)));
    });
    add(to, "index/scatter_add.cu", "scatter_add", MATRIX, moved, 0, in -> {
      Tensor x = in.normal(ROWS, WIDTH);
      Tensor index = in.keep(() -> backwards(x));
      return in.step(() -> List.of(x.scatterAdd(index, ROWS)));
    });
    add(to, "index/one_hot.cu", "one_hot", MATRIX, MATRIX_BYTES, 0, in -> {
      Tensor index = in.keep(() -> Tensors.iota(ROWS, DType.I32, in.normal(1).device()).mul(0));
      return in.step(() -> List.of(index.oneHot((int) WIDTH, DType.F32)));
    });
    add(to, "index/top_k.cu", "top_k 5", MATRIX, MATRIX_BYTES, 0, in -> {
      Tensor x = in.normal(ROWS, WIDTH);
      return in.step(() -> x.topK(5));
    });
  }

  private static Tensor backwards(Tensor x) {
    return Tensors.iota(ROWS, DType.I32, x.device()).mul(-1).add(ROWS - 1.0);
  }

  private static void images(List<Case> to) {
    double bytes = 4.0 * 256 * 112 * 112 * 64;
    add(to, "pool/pool.cu", "max_pool 3x3/2", "256x112x112x64", 1.5 * bytes, 0, in -> {
      Tensor x = in.normal(256, 112, 112, 64);
      return in.step(() -> List.of(x.maxPool2d(3, 2, 1)));
    });
    add(
        to,
        "attend/attention.cu",
        "attention",
        "256x6x197x64",
        0,
        4.0 * 256 * 6 * 197 * 197 * 64,
        in -> {
          Tensor q = in.normal(256, 6, 197, 64);
          Tensor k = in.normal(256, 6, 197, 64);
          Tensor v = in.normal(256, 6, 197, 64);
          return in.step(() -> List.of(q.attention(k, v, 0.125)));
        });
  }

  /// By the libraries, or with `-Dibrik.cuda.own=true` by the kernels of these files.
  private static void products(List<Case> to) {
    String whose = Boolean.getBoolean("ibrik.cuda.own") ? "own " : "";
    for (DType type : List.of(DType.F32, DType.BF16)) {
      String named = whose + "mat_mul " + type;
      add(to, "linear/mat_mul.cu", named, "4096", 0, 2.0 * 4096 * 4096 * 4096, in -> {
        Tensor a = in.keep(() -> in.normal(4096, 4096).cast(type));
        return in.step(() -> List.of(a.matMul(a)));
      });
      convolution(to, type, whose + "conv2d " + type, 64, 64, 56);
      convolution(to, type, whose + "conv2d " + type, 256, 256, 14);
    }
    convolution(to, DType.F32, whose + "conv2d stem " + DType.F32, 3, 8, 64);
  }

  /// 3x3, 256 images, forward and both gradients.
  private static void convolution(
      List<Case> to, DType type, String bench, int channels, int kernels, int side) {
    Conv2dGeometry same = Conv2dGeometry.of(1, 1);
    double flops = 3 * 2.0 * 256 * side * side * channels * kernels * 9;
    String file = kernels < 16 ? "linear/conv2d.cu" : "linear/conv2d_tiled.cu";
    String size = "256x" + side + "x" + side + "x" + channels + " to " + kernels;
    add(to, file, bench, size, 0, flops, in -> {
      Tensor x = in.keep(() -> in.normal(256, side, side, channels).cast(type));
      Tensor w = in.keep(() -> in.normal(kernels, 3, 3, channels).cast(type));
      Tensor dy = in.keep(() -> in.normal(256, side, side, kernels).cast(type));
      return in.step(
          () -> {
            Interpreter run = Interpreter.current();
            return List.of(
                run.apply1(new Linear.Conv2d(same), List.of(x, w)),
                run.apply1(new Linear.Conv2dBackwardData(same, side, side), List.of(dy, w)),
                run.apply1(new Linear.Conv2dBackwardWeight(same, 3, 3), List.of(x, dy)));
          });
    });
  }
}
