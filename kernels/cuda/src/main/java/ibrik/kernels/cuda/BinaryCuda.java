package ibrik.kernels.cuda;

import ibrik.kernels.cuda.Images.Variant;
import ibrik.kernels.cuda.driver.Grid;
import ibrik.tensor.DType;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.op.Binary;
import ibrik.tensor.op.Binary.Outside;
import ibrik.tensor.op.Binary.Signs;
import ibrik.tensor.op.Binary.Surrogate;
import ibrik.tensor.op.Binary.WeightGradient;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Launches [Binary].
final class BinaryCuda {
  private static final List<DType> TYPES = List.of(DType.F32, DType.F64);

  static final CudaFile SIGNS = CudaFile.of("binary/signs.cu", 256, CudaFile.FLOATS);
  static final CudaFile SURROGATES = CudaFile.of("binary/surrogates.cu", 256, TYPES);
  static final CudaFile XNOR_CONV2D = CudaFile.of("binary/xnor_conv2d.cu", 256, TYPES);

  /// Where `mma.and.popc` is an instruction; later devices call a routine.
  private static final int FIRST_TENSOR = 80;

  private static final int LAST_TENSOR = 90;

  /// Rows above 32 channels of which one block takes the sums.
  private static final long PART = 256;

  private BinaryCuda() {}

  static @Nullable CudaOp op(Binary op, List<TensorSpec> in) {
    TensorSpec x = in.getFirst();
    boolean computes = SURROGATES.serves(x.dtype());
    return switch (op) {
      case Binary.SignBinarize(Signs signs, _) ->
          SIGNS.serves(x.dtype())
              ? stream(SIGNS, signs == Signs.SIGN2 ? "sign2" : "sign3", 1).overwriting(0)
              : null;
      case Binary.SignBinarizeBackward(Surrogate surrogate) ->
          // The composition of the identity is a view.
          computes && surrogate != Surrogate.IDENTITY
              ? stream(SURROGATES, "sign_bwd_" + name(surrogate), 2).overwriting(0, 1)
              : null;
      case Binary.RSign(Signs signs, _) ->
          computes ? rSign(signs == Signs.SIGN3).overwriting(0) : null;
      case Binary.RSignBackward(Surrogate surrogate) ->
          computes ? sums("r_sign_bwd_" + name(surrogate), x.shape(), 1).overwriting(0, 2) : null;
      case Binary.RPRelu() -> computes ? rPRelu().overwriting(0) : null;
      case Binary.RPReluBackward() ->
          computes ? sums("r_p_relu_bwd", x.shape(), 3).overwriting(0, 3) : null;
      case Binary.BinarizeWeights(Signs signs, _) ->
          computes ? weights(signs == Signs.SIGN3).overwriting(0) : null;
      case Binary.BinarizeWeightsBackward(Signs signs, WeightGradient gradient) ->
          computes ? weightsBackward(signs == Signs.SIGN3, gradient).overwriting(0, 1) : null;
      case Binary.PackSigns() -> SIGNS.serves(x.dtype()) ? pack(x) : null;
      case Binary.UnpackSigns(long channels, DType dtype) ->
          SIGNS.serves(dtype) ? unpack(x.shape(), channels, dtype) : null;
      case Binary.XnorConv2d conv ->
          XNOR_CONV2D.serves(in.get(2).dtype()) ? xnor(conv, in, null) : null;
    };
  }

  private static String name(Surrogate surrogate) {
    return switch (surrogate) {
      case CLIP -> "clip";
      case IDENTITY -> "identity";
      case APPROX -> "approx";
      case SWISH -> "swish";
    };
  }

  private static Grid packs(Tensor x, CudaDevice gpu) {
    long perThread = 16 / x.dtype().bytes(1);
    return Grid.strided(Math.ceilDiv(x.elems(), perThread), SIGNS.threads(), gpu.fullGrid());
  }

  /// Element by element from the first `inputs`.
  private static CudaOp stream(CudaFile file, String kernel, int inputs) {
    return (gpu, in, out) -> {
      Tensor y = out.getFirst();
      Launch launch = gpu.kernel(file.with(y.dtype()), kernel);
      in.subList(0, inputs).forEach(launch::tensor);
      launch.tensor(y).i64(y.elems()).run(packs(y, gpu));
    };
  }

  private static CudaOp rSign(boolean three) {
    return (gpu, in, out) -> {
      Tensor y = out.getFirst();
      gpu.kernel(SURROGATES.with(y.dtype()), "r_sign")
          .tensor(in.get(0))
          .tensor(in.get(1))
          .tensor(y)
          .i64(y.elems())
          .i64(y.dim(-1))
          .i32(three ? 1 : 0)
          .run(packs(y, gpu));
    };
  }

  private static CudaOp rPRelu() {
    return (gpu, in, out) -> {
      Tensor y = out.getFirst();
      Launch launch = gpu.kernel(SURROGATES.with(y.dtype()), "r_p_relu");
      in.forEach(launch::tensor);
      launch.tensor(y).i64(y.elems()).i64(y.dim(-1)).run(packs(y, gpu));
    };
  }

  /// A gradient with `count` sums per channel, after dx.
  private static CudaOp sums(String kernel, Shape x, int count) {
    long channels = x.dim(-1);
    long rows = x.elemsBefore(x.rank() - 1);
    long parts = Math.clamp(Math.ceilDiv(rows, PART), 1, Grid.MOST_YZ);
    long length = Math.ceilDiv(rows, parts);
    return (gpu, in, out) -> {
      CudaSource source = SURROGATES.with(in.getFirst().dtype());
      long size = in.getFirst().dtype().bytes(1);
      long between = gpu.scratch(count * channels * parts * size);
      Launch launch = gpu.kernel(source, kernel);
      in.forEach(launch::tensor);
      launch
          .tensor(out.getFirst())
          .address(between)
          .i64(rows)
          .i64(channels)
          .i64(length)
          .run(Grid.of(Math.ceilDiv(channels, 32L), parts, 1, 32, 8));
      for (int i = 0; i < count; i++) {
        gpu.kernel(source, "sum_parts")
            .address(between + i * channels * parts * size)
            .tensor(out.get(1 + i))
            .i64(channels)
            .i64(parts)
            .f64(1)
            .run(Grid.of(Math.min(channels, gpu.fullGrid()), SURROGATES.threads()));
      }
    };
  }

  private static CudaOp weights(boolean three) {
    return (gpu, in, out) -> {
      Tensor w = in.getFirst();
      gpu.kernel(SURROGATES.with(w.dtype()), "binarize_weights")
          .tensor(w)
          .tensor(out.getFirst())
          .i64(w.dim(0))
          .i64(w.elems() / w.dim(0))
          .i32(three ? 1 : 0)
          .run(Grid.of(Math.min(w.dim(0), gpu.fullGrid()), SURROGATES.threads()));
    };
  }

  private static CudaOp weightsBackward(boolean three, WeightGradient gradient) {
    int rule =
        switch (gradient) {
          case REACTNET -> 0;
          case BURN -> 1;
          case XNOR -> 2;
          case EXACT -> 3;
        };
    return (gpu, in, out) -> {
      Tensor w = in.getFirst();
      gpu.kernel(SURROGATES.with(w.dtype()), "binarize_weights_bwd")
          .tensor(w)
          .tensor(in.get(1))
          .tensor(out.getFirst())
          .i64(w.dim(0))
          .i64(w.elems() / w.dim(0))
          .i32(three ? 1 : 0)
          .i32(rule)
          .run(Grid.of(Math.min(w.dim(0), gpu.fullGrid()), SURROGATES.threads()));
    };
  }

  // ---- bits

  private static CudaOp pack(TensorSpec x) {
    long channels = x.shape().dim(-1);
    long rows = x.shape().elemsBefore(x.shape().rank() - 1);
    long perRow = Binary.PackSigns.words(channels);
    return (gpu, in, out) ->
        gpu.kernel(SIGNS.with(x.dtype()), "pack_signs")
            .tensor(in.getFirst())
            .tensor(out.getFirst())
            .i64(rows)
            .i64(channels)
            .i64(perRow)
            // A warp has 32 words, so a thread has one.
            .run(Grid.strided(rows * perRow, SIGNS.threads(), gpu.fullGrid()));
  }

  private static CudaOp unpack(Shape words, long channels, DType dtype) {
    long rows = words.elemsBefore(words.rank() - 1);
    return (gpu, in, out) ->
        gpu.kernel(SIGNS.with(dtype), "unpack_signs")
            .tensor(in.getFirst())
            .tensor(out.getFirst())
            .i64(rows)
            .i64(channels)
            .i64(Binary.PackSigns.words(channels))
            .run(packs(out.getFirst(), gpu));
  }

  /// By the given variant, or by the best one of the device.
  static CudaOp xnor(Binary.XnorConv2d conv, List<TensorSpec> in, @Nullable Variant wanted) {
    Shape w = in.get(1).shape();
    Shape y = conv.infer(in).getFirst().shape();
    Images images = Images.of(in.get(0).shape(), w, y, conv.geometry());
    long taps = w.dim(0) * w.dim(1) * w.dim(2);
    boolean border =
        conv.outside() == Outside.ZERO
            && (conv.geometry().padHeight() > 0 || conv.geometry().padWidth() > 0);
    int outside =
        switch (conv.outside()) {
          case ZERO -> 0;
          case ONE -> 1;
          case MINUS -> 2;
        };
    CudaSource plain = XNOR_CONV2D.with(in.get(2).dtype());
    return (gpu, args, out) -> {
      int capability = gpu.info().capability();
      boolean tensor = capability >= FIRST_TENSOR && capability <= LAST_TENSOR;
      Variant variant = wanted != null ? wanted : tensor ? Variant.TENSOR : Variant.TILE;
      CudaSource source = Images.source(plain, variant);
      if (variant == Variant.V1) {
        gpu.kernel(source, "xnor_conv2d_v1")
            .tensor(args.get(0))
            .tensor(args.get(1))
            .tensor(args.get(2))
            .tensor(out.getFirst())
            .i64(conv.channels())
            .i32(outside)
            .struct(images.struct())
            .run(images.grid(variant, gpu));
        return;
      }
      long counts = border ? gpu.scratch(taps * Integer.BYTES) : 0;
      if (border) {
        gpu.kernel(source, "xnor_conv2d_taps")
            .tensor(args.get(1))
            .address(counts)
            .i64(taps)
            .i64(w.dim(3))
            .run(Grid.strided(taps, XNOR_CONV2D.threads(), gpu.fullGrid()));
      }
      gpu.kernel(source, "xnor_conv2d_tile")
          .tensor(args.get(0))
          .tensor(args.get(1))
          .tensor(args.get(2))
          .address(counts)
          .tensor(out.getFirst())
          .i64(conv.channels())
          .i32(outside)
          .struct(images.struct())
          .run(images.grid(variant, gpu));
    };
  }
}
