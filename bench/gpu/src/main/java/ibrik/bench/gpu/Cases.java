package ibrik.bench.gpu;

import ibrik.bench.gpu.Case.Inputs;
import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.Tensor;
import ibrik.tensor.exec.Interpreter;
import ibrik.tensor.op.Binary;
import ibrik.tensor.op.Binary.Outside;
import ibrik.tensor.op.Conv2dGeometry;
import ibrik.tensor.op.IntegerOp;
import ibrik.tensor.op.QuantGrid;
import ibrik.tensor.op.Quantize;
import ibrik.tensor.op.Redundancy;
import ibrik.tensor.op.Similarity;
import ibrik.tensor.op.Transport;
import ibrik.tensor.op.Update;
import java.util.List;
import java.util.stream.Stream;

/// The work that is compared, names and sizes as in `bench/peers/torch_kernels.py`, and one case
/// more for every other kernel, for its header.
final class Cases {
  /// 256 MiB of f32: far beyond the second cache.
  private static final long LARGE = 1L << 26;

  private static final double LARGE_BYTES = 4.0 * LARGE;

  private Cases() {}

  /// Those of `compared`, then the others.
  static List<Case> all() {
    return Stream.concat(compared().stream(), MoreCases.all().stream()).toList();
  }

  private static List<Case> compared() {
    return List.of(
        new Case("update/update.cu", "ema", "64M", 3 * LARGE_BYTES, 3.0 * LARGE, Cases::ema),
        new Case("update/update.cu", "sgd", "64M", 5 * LARGE_BYTES, 6.0 * LARGE, Cases::sgd),
        new Case(
            "quantize/fake_quantize.cu",
            "fake_quantize",
            "64M",
            2 * LARGE_BYTES,
            6.0 * LARGE,
            device -> {
              Inputs in = new Inputs(device);
              Tensor x = in.normal(LARGE);
              return in.op(
                  new Quantize.FakeQuantize(QuantGrid.signed(8), 0), x, in.full(0.1), in.full(0));
            }),
        new Case(
            "quantize/fake_quantize.cu",
            "fake_quantize_bwd",
            "64M",
            3 * LARGE_BYTES,
            5.0 * LARGE,
            device -> {
              Inputs in = new Inputs(device);
              Tensor x = in.normal(LARGE);
              return in.op(
                  new Quantize.FakeQuantizeBackward(QuantGrid.signed(8), 0),
                  x,
                  in.full(0.1),
                  in.full(0),
                  in.normal(LARGE));
            }),
        new Case("normalize/batch_norm.cu", "batch_norm_relu", "256x56x56x64", 8.0 * 256 * 3136 * 64, 0, device -> batchNorm(device, DType.F32)),
        new Case("normalize/batch_norm.cu", "batch_norm_relu bf16", "256x56x56x64", 4.0 * 256 * 3136 * 64, 0, device -> batchNorm(device, DType.BF16)),
        new Case(
            "transport/sinkhorn.cu",
            "sinkhorn",
            "4096x3000x3",
            8.0 * 4096 * 3000,
            12.0 * 4096 * 3000,
            device -> {
              Inputs in = new Inputs(device);
              return in.op(new Transport.SinkhornKnopp(0.5, 3), in.normal(4096, 3000));
            }),
        new Case("similarity/nt_xent.cu", "nt_xent_fwd_bwd", "4096x128", 0, 24.0 * 4096 * 4096 * 128, Cases::ntXent),
        new Case("similarity/info_nce.cu", "info_nce_fwd_bwd", "256x65536x128", 0, 6.0 * 256 * 65536 * 128, Cases::infoNce),
        new Case(
            "redundancy/barlow_twins.cu",
            "barlow_twins_fwd_bwd", "1024x2048", 0, 8.0 * 1024 * 2048 * 2048, Cases::barlowTwins),
        xnor(256, 14, 256),
        xnor(512, 7, 256),
        int8(256, 14, 256),
        int8(512, 7, 256));
  }

  private static Inputs ema(Device device) {
    Inputs in = new Inputs(device);
    Tensor target = in.normal(LARGE);
    Tensor source = in.normal(LARGE);
    return in.op(new Update.Ema(1), target, source, in.full(0.996));
  }

  private static Inputs sgd(Device device) {
    Inputs in = new Inputs(device);
    Tensor weights = in.normal(LARGE);
    Tensor gradient = in.normal(LARGE);
    Tensor moment = in.normal(LARGE);
    return in.op(
        new Update.Sgd(0.9, false, List.of(1e-4)), weights, gradient, moment, in.full(1e-6));
  }

  private static Inputs batchNorm(Device device, DType type) {
    Inputs in = new Inputs(device);
    Tensor x = in.keep(() -> in.normal(256, 56, 56, 64).as(type));
    Tensor gamma = in.full(1, 64);
    Tensor beta = in.full(0, 64);
    return in.step(() -> List.of(x.batchNormRelu(gamma, beta, 1e-5).getFirst()));
  }

  private static Inputs ntXent(Device device) {
    Inputs in = new Inputs(device);
    Tensor z1 = in.normal(4096, 128);
    Tensor z2 = in.normal(4096, 128);
    Tensor dloss = in.full(1 / 8192.0, 8192);
    return in.step(
        () -> {
          Tensor loss = Interpreter.current().apply1(new Similarity.NtXent(0.5), List.of(z1, z2));
          return Interpreter.current()
              .apply(new Similarity.NtXentBackward(0.5), List.of(z1, z2, loss, dloss));
        });
  }

  private static Inputs infoNce(Device device) {
    Inputs in = new Inputs(device);
    Tensor q = in.normal(256, 128);
    Tensor k = in.normal(256, 128);
    Tensor queue = in.normal(65536, 128);
    Tensor dloss = in.full(1 / 256.0, 256);
    return in.step(
        () -> {
          Tensor loss =
              Interpreter.current().apply1(new Similarity.InfoNce(128), List.of(q, k, queue));
          return Interpreter.current()
              .apply(new Similarity.InfoNceBackwardQuery(128), List.of(q, k, queue, loss, dloss));
        });
  }

  private static Inputs barlowTwins(Device device) {
    Inputs in = new Inputs(device);
    Tensor z1 = in.normal(1024, 2048);
    Tensor z2 = in.normal(1024, 2048);
    Tensor dloss = in.full(1, 2048);
    return in.step(
        () -> {
          Tensor loss =
              Interpreter.current()
                  .apply1(new Redundancy.BarlowTwins(0.005, 1e-5), List.of(z1, z2));
          List<Tensor> back =
              Interpreter.current()
                  .apply(new Redundancy.BarlowTwinsBackward(0.005, 1e-5), List.of(z1, z2, dloss));
          return List.of(loss, back.get(0), back.get(1));
        });
  }

  private static String shape(int channels, int side, int batch) {
    return batch + "x" + side + "x" + side + "x" + channels;
  }

  private static double products(int channels, int side, int batch) {
    return 2.0 * batch * side * side * channels * channels * 9;
  }

  /// A 3x3 convolution of as many channels in as out, packed.
  private static Case xnor(int channels, int side, int batch) {
    double pixels = (double) batch * side * side;
    return new Case(
        "binary/xnor_conv2d.cu",
            "xnor_conv2d",
        shape(channels, side, batch),
        pixels * channels / 8 + channels * channels * 9.0 / 8 + 4 * pixels * channels,
        products(channels, side, batch),
        device -> {
          Inputs in = new Inputs(device);
          Tensor x = in.keep(() -> in.normal(batch, side, side, channels).packSigns());
          Tensor w = in.keep(() -> in.normal(channels, 3, 3, channels).packSigns());
          return in.op(
              new Binary.XnorConv2d(Conv2dGeometry.of(1, 1), channels, Outside.ZERO),
              x,
              w,
              in.full(1, channels));
        });
  }

  private static Case int8(int channels, int side, int batch) {
    double pixels = (double) batch * side * side;
    return new Case(
        "integer/int_conv2d.cu",
            "int8_conv2d",
        shape(channels, side, batch),
        pixels * channels + channels * channels * 9.0 + 4 * pixels * channels,
        products(channels, side, batch),
        device -> {
          Inputs in = new Inputs(device);
          Tensor x = in.keep(() -> in.normal(batch, side, side, channels).mul(40).cast(DType.I8));
          Tensor w = in.keep(() -> in.normal(channels, 3, 3, channels).mul(40).cast(DType.I8));
          return in.op(new IntegerOp.IntConv2d(Conv2dGeometry.of(1, 1), 0), x, w);
        });
  }
}
