package ibrik.kernels.cuda;

import ibrik.kernels.cuda.driver.Grid;
import ibrik.tensor.DType;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.op.QuantGrid;
import ibrik.tensor.op.Quantize;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Launches [Quantize]. Parameters are read on the device; x is seen as `[outer, channels, inner]`
/// with the axis of the parameters in the middle.
final class QuantizeCuda {
  private static final List<DType> TYPES = List.of(DType.F32, DType.F64);

  static final CudaFile FAKE_QUANTIZE = CudaFile.of("quantize/fake_quantize.cu", 256, TYPES);
  static final CudaFile PACT = CudaFile.of("quantize/pact.cu", 256, TYPES);

  /// Elements of a part of a sum: along one channel, and along the rows above 32 channels.
  private static final long ROW_PART = 8192;

  private static final long COLUMN_PART = 256;

  private QuantizeCuda() {}

  static @Nullable CudaOp op(Quantize op, List<TensorSpec> in) {
    if (!FAKE_QUANTIZE.serves(in.getFirst().dtype())) {
      return null;
    }
    return switch (op) {
      case Quantize.StraightThroughRound() -> round(in.getFirst().dtype()).overwriting(0);
      case Quantize.FakeQuantize(QuantGrid grid, int axis) ->
          stream("fake_quantize", Steps.of(in, 2, grid, axis, false)).overwriting(0);
      case Quantize.LearnedFakeQuantize(QuantGrid grid, int axis, _) ->
          stream("fake_quantize", Steps.of(in, 2, grid, axis, true)).overwriting(0);
      case Quantize.LsqQuantize(QuantGrid grid, int axis, _) ->
          stream("fake_quantize", Steps.of(in, 1, grid, axis, false)).overwriting(0);
      case Quantize.QuantizeInt8(QuantGrid grid, int axis) ->
          stream("quantize_int8", Steps.of(in, 2, grid, axis, false));
      case Quantize.FakeQuantizeBackward(QuantGrid grid, int axis) ->
          backward(Steps.of(in, 2, grid, axis, false)).overwriting(0, 3);
      case Quantize.FakeQuantizeParametersBackward(QuantGrid grid, int axis) ->
          parameters("fake_quantize_parameters_bwd", Steps.of(in, 2, grid, axis, false), 1)
              .overwriting(0, 3);
      case Quantize.LsqQuantizeBackward(QuantGrid grid, int axis, double factor) ->
          parameters("lsq_quantize_bwd", Steps.of(in, 1, grid, axis, false), factor)
              .overwriting(0, 2);
      case Quantize.PactQuantize(int levels) -> pact(in.getFirst().dtype(), levels).overwriting(0);
      case Quantize.PactQuantizeBackward() -> pactBackward(in.getFirst()).overwriting(0, 2);
    };
  }

  /// What the kernels need to know beside the tensors.
  ///
  /// @param parameters inputs after x that are parameters: a scale, perhaps a zero point
  /// @param channels 1 where one scale and zero point serve all
  /// @param grid fields of the kernel's `Grid`
  private record Steps(
      DType dtype, int parameters, long outer, long channels, long inner, long[] grid) {
    static Steps of(
        List<TensorSpec> in, int parameters, QuantGrid grid, int axis, boolean learned) {
      Shape x = in.getFirst().shape();
      boolean one = in.subList(1, 1 + parameters).stream().allMatch(spec -> spec.elems() == 1);
      long[] fields = {
        grid.low(),
        grid.high(),
        grid.divide() ? 1 : 0,
        grid.zeroBeforeRound() ? 1 : 0,
        learned ? 1 : 0
      };
      DType dtype = in.getFirst().dtype();
      return one
          ? new Steps(dtype, parameters, 1, 1, x.elems(), fields)
          : new Steps(
              dtype, parameters, x.elemsBefore(axis), x.dim(axis), x.elemsAfter(axis), fields);
    }

    CudaSource source() {
      return FAKE_QUANTIZE.with(dtype);
    }

    /// x, scale and zero, or no zero.
    Launch inputs(Launch launch, List<Tensor> in) {
      launch.tensor(in.get(0)).tensor(in.get(1));
      return parameters == 2 ? launch.tensor(in.get(2)) : launch.address(0);
    }

    /// How many scales and zero points there are.
    Launch counts(Launch launch, List<Tensor> in) {
      return launch.i64(in.get(1).elems()).i64(parameters == 2 ? in.get(2).elems() : 1);
    }
  }

  private static Grid packs(long n, DType dtype, CudaDevice gpu) {
    long perThread = 16 / dtype.bytes(1);
    return Grid.strided(Math.ceilDiv(n, perThread), FAKE_QUANTIZE.threads(), gpu.fullGrid());
  }

  private static CudaOp round(DType dtype) {
    return (gpu, in, out) -> {
      long n = out.getFirst().elems();
      gpu.kernel(FAKE_QUANTIZE.with(dtype), "straight_through_round")
          .tensor(in.getFirst())
          .tensor(out.getFirst())
          .i64(n)
          .run(packs(n, dtype, gpu));
    };
  }

  private static CudaOp stream(String kernel, Steps steps) {
    return (gpu, in, out) -> {
      long n = out.getFirst().elems();
      Launch launch =
          steps
              .inputs(gpu.kernel(steps.source(), kernel), in)
              .tensor(out.getFirst())
              .i64(n)
              .i64(steps.channels)
              .i64(steps.inner);
      steps.counts(launch, in).struct(steps.grid).run(packs(n, steps.dtype, gpu));
    };
  }

  private static CudaOp backward(Steps steps) {
    return (gpu, in, out) -> {
      long n = out.getFirst().elems();
      Launch launch =
          steps
              .inputs(gpu.kernel(steps.source(), "fake_quantize_bwd"), in)
              .tensor(in.get(3))
              .tensor(out.getFirst())
              .i64(n)
              .i64(steps.channels)
              .i64(steps.inner);
      steps.counts(launch, in).struct(steps.grid).run(packs(n, steps.dtype, gpu));
    };
  }

  /// dx and the sums for the scale and, if there is one, the zero point.
  private static CudaOp parameters(String kernel, Steps steps, double factor) {
    boolean columns = steps.channels > 1 && steps.inner == 1;
    long along = columns ? steps.outer : steps.outer * steps.inner;
    long part = columns ? COLUMN_PART : ROW_PART;
    // At most as many parts as a grid has rows; longer ones beyond that.
    long parts = Math.clamp(Math.ceilDiv(along, part), 1, Grid.MOST_YZ);
    long length = Math.ceilDiv(along, parts);
    int sums = steps.parameters;
    Grid grid =
        columns
            ? Grid.of(Math.ceilDiv(steps.channels, 32L), parts, 1, 32, 8)
            : Grid.of(parts, Math.min(steps.channels, Grid.MOST_YZ), 1, FAKE_QUANTIZE.threads(), 1);
    long size = steps.dtype.bytes(1);
    return (gpu, in, out) -> {
      long between = gpu.scratch(sums * steps.channels * parts * size);
      Launch launch =
          steps
              .inputs(gpu.kernel(steps.source(), kernel + (columns ? "_columns" : "_rows")), in)
              .tensor(in.get(1 + sums))
              .tensor(out.getFirst())
              .address(between)
              .i64(steps.outer)
              .i64(steps.channels)
              .i64(steps.inner);
      steps.counts(launch, in).i64(length).struct(steps.grid).run(grid);
      for (int i = 0; i < sums; i++) {
        long from = between + i * steps.channels * parts * size;
        Tensor to = out.get(1 + i);
        // One parameter for all channels of the other one takes the sum over all of them.
        long terms = to.elems() == 1 ? steps.channels * parts : parts;
        sum(gpu, steps.source(), from, to, terms, factor);
      }
    };
  }

  /// Each element of `to` from `terms` parts.
  private static void sum(
      CudaDevice gpu, CudaSource source, long from, Tensor to, long terms, double factor) {
    gpu.kernel(source, "sum_parts")
        .address(from)
        .tensor(to)
        .i64(to.elems())
        .i64(terms)
        .f64(factor)
        .run(Grid.of(Math.min(to.elems(), gpu.fullGrid()), 256));
  }

  private static CudaOp pact(DType dtype, int levels) {
    return (gpu, in, out) -> {
      long n = out.getFirst().elems();
      gpu.kernel(PACT.with(dtype), "pact_quantize")
          .tensor(in.get(0))
          .tensor(in.get(1))
          .tensor(out.getFirst())
          .i64(n)
          .i64(levels)
          .run(packs(n, dtype, gpu));
    };
  }

  private static CudaOp pactBackward(TensorSpec x) {
    long n = x.elems();
    long parts = Math.ceilDiv(n, ROW_PART);
    CudaSource source = PACT.with(x.dtype());
    return (gpu, in, out) -> {
      long between = gpu.scratch(parts * x.dtype().bytes(1));
      gpu.kernel(source, "pact_quantize_bwd")
          .tensor(in.get(0))
          .tensor(in.get(1))
          .tensor(in.get(2))
          .tensor(out.get(0))
          .address(between)
          .i64(n)
          .i64(ROW_PART)
          .run(Grid.of(parts, PACT.threads()));
      sum(gpu, source, between, out.get(1), parts, 1);
    };
  }
}
