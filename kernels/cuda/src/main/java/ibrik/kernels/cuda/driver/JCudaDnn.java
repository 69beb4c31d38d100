package ibrik.kernels.cuda.driver;

import static ibrik.kernels.cuda.driver.Dnn.Choice.FASTEST;
import static ibrik.kernels.cuda.driver.Dnn.Choice.HEURISTIC;

import ibrik.tensor.DType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import jcuda.Pointer;
import jcuda.driver.CUstream;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnConvolutionBwdDataAlgoPerf;
import jcuda.jcudnn.cudnnConvolutionBwdFilterAlgoPerf;
import jcuda.jcudnn.cudnnConvolutionDescriptor;
import jcuda.jcudnn.cudnnConvolutionFwdAlgoPerf;
import jcuda.jcudnn.cudnnConvolutionMode;
import jcuda.jcudnn.cudnnDataType;
import jcuda.jcudnn.cudnnDeterminism;
import jcuda.jcudnn.cudnnFilterDescriptor;
import jcuda.jcudnn.cudnnHandle;
import jcuda.jcudnn.cudnnMathType;
import jcuda.jcudnn.cudnnTensorDescriptor;
import jcuda.jcudnn.cudnnTensorFormat;
import jcuda.runtime.cudaStream_t;

/// Convolutions of cuDNN.
final class JCudaDnn implements Dnn {
  private static final int SUGGESTIONS = 8;

  /// What asks for more is not considered.
  private static final long MOST_WORKSPACE_BYTES = 1L << 30;

  private final Handles<CUstream> streams;
  private final Map<Long, cudnnHandle> handles = new HashMap<>();
  private final Map<Convolution, Plan> plans = new ConcurrentHashMap<>();
  private final Scalars f32;
  private final Scalars f64;

  private record Scalars(Pointer one, Pointer zero) {}

  /// What a convolution needs, made once per shape.
  private record Plan(
      cudnnTensorDescriptor x,
      cudnnFilterDescriptor w,
      cudnnTensorDescriptor y,
      cudnnConvolutionDescriptor how) {}

  JCudaDnn(Handles<CUstream> streams) {
    this.streams = streams;
    MemorySegment numbers = Arena.global().allocate(24, 8);
    numbers.set(ValueLayout.JAVA_FLOAT, 0, 1);
    numbers.set(ValueLayout.JAVA_DOUBLE, 8, 1);
    Pointer zero = Addresses.pointer(numbers.address() + 16);
    f32 = new Scalars(Addresses.pointer(numbers.address()), zero);
    f64 = new Scalars(Addresses.pointer(numbers.address() + 8), zero);
  }

  private static void check(String call, int status) {
    check(call, status, "");
  }

  private static void check(String call, int status, Object about) {
    if (status != 0) {
      // The Java side knows the numbers of an older version only.
      throw new CudaException(call, status, JCudnn.cudnnGetErrorString(status) + " " + about);
    }
  }

  private synchronized cudnnHandle handle(long stream) {
    cudnnHandle known = handles.get(stream);
    if (known == null) {
      known = new cudnnHandle();
      check("cudnnCreate", JCudnn.cudnnCreate(known));
      cudaStream_t on = new cudaStream_t(streams.get(stream));
      check("cudnnSetStream", JCudnn.cudnnSetStream(known, on));
      handles.put(stream, known);
    }
    return known;
  }

  @Override
  public String version() {
    return "cuDNN " + JCudnn.cudnnGetVersion();
  }

  @Override
  public int choose(Convolution convolution, Choice choice, long stream) {
    return algorithm(convolution, choice, handle(stream), plan(convolution));
  }

  @Override
  public long workspaceBytes(Convolution c, int algorithm, long stream) {
    Plan p = plan(c);
    cudnnHandle handle = handle(stream);
    long[] bytes = new long[1];
    int status =
        switch (c.role()) {
          case FORWARD ->
              JCudnn.cudnnGetConvolutionForwardWorkspaceSize(
                  handle, p.x, p.w, p.how, p.y, algorithm, bytes);
          case BACKWARD_DATA ->
              JCudnn.cudnnGetConvolutionBackwardDataWorkspaceSize(
                  handle, p.w, p.y, p.how, p.x, algorithm, bytes);
          case BACKWARD_WEIGHT ->
              JCudnn.cudnnGetConvolutionBackwardFilterWorkspaceSize(
                  handle, p.x, p.y, p.how, p.w, algorithm, bytes);
        };
    return status == 0 ? bytes[0] : -1;
  }

  @Override
  public void run(
      Convolution c,
      int algorithm,
      long x,
      long w,
      long y,
      long work,
      long workspaceBytes,
      long stream) {
    Plan p = plan(c);
    Scalars scalars = c.dtype() == DType.F64 ? f64 : f32;
    cudnnHandle handle = handle(stream);
    Pointer atX = Addresses.pointer(x);
    Pointer atW = Addresses.pointer(w);
    Pointer atY = Addresses.pointer(y);
    Pointer workspace = Addresses.pointer(work);
    int status =
        switch (c.role()) {
          case FORWARD ->
              JCudnn.cudnnConvolutionForward(
                  handle,
                  scalars.one,
                  p.x,
                  atX,
                  p.w,
                  atW,
                  p.how,
                  algorithm,
                  workspace,
                  workspaceBytes,
                  scalars.zero,
                  p.y,
                  atY);
          case BACKWARD_DATA ->
              JCudnn.cudnnConvolutionBackwardData(
                  handle,
                  scalars.one,
                  p.w,
                  atW,
                  p.y,
                  atY,
                  p.how,
                  algorithm,
                  workspace,
                  workspaceBytes,
                  scalars.zero,
                  p.x,
                  atX);
          case BACKWARD_WEIGHT ->
              JCudnn.cudnnConvolutionBackwardFilter(
                  handle,
                  scalars.one,
                  p.x,
                  atX,
                  p.y,
                  atY,
                  p.how,
                  algorithm,
                  workspace,
                  workspaceBytes,
                  scalars.zero,
                  p.w,
                  atW);
        };
    check("cudnnConvolution", status, c);
  }

  private Plan plan(Convolution convolution) {
    return plans.computeIfAbsent(convolution, JCudaDnn::make);
  }

  private static Plan make(Convolution c) {
    int type = dataType(c.dtype());
    cudnnTensorDescriptor x = tensor(type, c.x());
    cudnnTensorDescriptor y = tensor(type, c.y());
    cudnnFilterDescriptor w = new cudnnFilterDescriptor();
    check("cudnnCreateFilterDescriptor", JCudnn.cudnnCreateFilterDescriptor(w));
    check(
        "cudnnSetFilter4dDescriptor",
        JCudnn.cudnnSetFilter4dDescriptor(
            w,
            type,
            cudnnTensorFormat.CUDNN_TENSOR_NHWC,
            c.w().a(),
            c.w().d(),
            c.w().b(),
            c.w().c()),
        c);
    cudnnConvolutionDescriptor how = new cudnnConvolutionDescriptor();
    check("cudnnCreateConvolutionDescriptor", JCudnn.cudnnCreateConvolutionDescriptor(how));
    check(
        "cudnnSetConvolution2dDescriptor",
        JCudnn.cudnnSetConvolution2dDescriptor(
            how,
            c.pad().rows(),
            c.pad().columns(),
            c.stride().rows(),
            c.stride().columns(),
            c.dilation().rows(),
            c.dilation().columns(),
            cudnnConvolutionMode.CUDNN_CROSS_CORRELATION,
            c.dtype() == DType.F64
                ? cudnnDataType.CUDNN_DATA_DOUBLE
                : cudnnDataType.CUDNN_DATA_FLOAT),
        c);
    check(
        "cudnnSetConvolutionGroupCount", JCudnn.cudnnSetConvolutionGroupCount(how, c.groups()), c);
    boolean exact = c.dtype() == DType.F32 && !c.tf32();
    int math = exact ? cudnnMathType.CUDNN_FMA_MATH : cudnnMathType.CUDNN_TENSOR_OP_MATH;
    check("cudnnSetConvolutionMathType", JCudnn.cudnnSetConvolutionMathType(how, math), c);
    return new Plan(x, w, y, how);
  }

  /// What the library says of one of its algorithms; of every role in the same words.
  private record Suggestion(int algorithm, int status, long bytes, int determinism) {}

  private static int algorithm(Convolution c, Choice choice, cudnnHandle handle, Plan p) {
    List<Suggestion> all =
        switch (c.role()) {
          case FORWARD -> forward(c, choice, handle, p);
          case BACKWARD_DATA -> backwardData(c, choice, handle, p);
          case BACKWARD_WEIGHT -> backwardWeight(c, choice, handle, p);
        };
    for (Suggestion one : all) { // the best first
      boolean same = one.determinism == cudnnDeterminism.CUDNN_DETERMINISTIC;
      if (one.status == 0 && one.bytes <= MOST_WORKSPACE_BYTES && (same || choice == FASTEST)) {
        return one.algorithm;
      }
    }
    throw new CudaException(
        "cudnnGetConvolutionAlgorithm", 0, "none serves as " + choice + ": " + c);
  }

  private static List<Suggestion> forward(
      Convolution c, Choice choice, cudnnHandle handle, Plan p) {
    int[] found = new int[1];
    var list = new cudnnConvolutionFwdAlgoPerf[SUGGESTIONS];
    Arrays.setAll(list, _ -> new cudnnConvolutionFwdAlgoPerf());
    int status =
        choice == HEURISTIC
            ? JCudnn.cudnnGetConvolutionForwardAlgorithm_v7(
                handle, p.x, p.w, p.how, p.y, SUGGESTIONS, found, list)
            : JCudnn.cudnnFindConvolutionForwardAlgorithm(
                handle, p.x, p.w, p.how, p.y, SUGGESTIONS, found, list);
    check("cudnn...ConvolutionForwardAlgorithm", status, c);
    return Arrays.stream(list, 0, found[0])
        .map(a -> new Suggestion(a.algo, a.status, a.memory, a.determinism))
        .toList();
  }

  private static List<Suggestion> backwardData(
      Convolution c, Choice choice, cudnnHandle handle, Plan p) {
    int[] found = new int[1];
    var list = new cudnnConvolutionBwdDataAlgoPerf[SUGGESTIONS];
    Arrays.setAll(list, _ -> new cudnnConvolutionBwdDataAlgoPerf());
    int status =
        choice == HEURISTIC
            ? JCudnn.cudnnGetConvolutionBackwardDataAlgorithm_v7(
                handle, p.w, p.y, p.how, p.x, SUGGESTIONS, found, list)
            : JCudnn.cudnnFindConvolutionBackwardDataAlgorithm(
                handle, p.w, p.y, p.how, p.x, SUGGESTIONS, found, list);
    check("cudnn...ConvolutionBackwardDataAlgorithm", status, c);
    return Arrays.stream(list, 0, found[0])
        .map(a -> new Suggestion(a.algo, a.status, a.memory, a.determinism))
        .toList();
  }

  private static List<Suggestion> backwardWeight(
      Convolution c, Choice choice, cudnnHandle handle, Plan p) {
    int[] found = new int[1];
    var list = new cudnnConvolutionBwdFilterAlgoPerf[SUGGESTIONS];
    Arrays.setAll(list, _ -> new cudnnConvolutionBwdFilterAlgoPerf());
    int status =
        choice == HEURISTIC
            ? JCudnn.cudnnGetConvolutionBackwardFilterAlgorithm_v7(
                handle, p.x, p.y, p.how, p.w, SUGGESTIONS, found, list)
            : JCudnn.cudnnFindConvolutionBackwardFilterAlgorithm(
                handle, p.x, p.y, p.how, p.w, SUGGESTIONS, found, list);
    check("cudnn...ConvolutionBackwardFilterAlgorithm", status, c);
    return Arrays.stream(list, 0, found[0])
        .map(a -> new Suggestion(a.algo, a.status, a.memory, a.determinism))
        .toList();
  }

  private static cudnnTensorDescriptor tensor(int type, Extents e) {
    cudnnTensorDescriptor descriptor = new cudnnTensorDescriptor();
    check("cudnnCreateTensorDescriptor", JCudnn.cudnnCreateTensorDescriptor(descriptor));
    check(
        "cudnnSetTensor4dDescriptor",
        JCudnn.cudnnSetTensor4dDescriptor(
            descriptor, cudnnTensorFormat.CUDNN_TENSOR_NHWC, type, e.a(), e.d(), e.b(), e.c()),
        e);
    return descriptor;
  }

  private static int dataType(DType dtype) {
    return switch (dtype) {
      case F32 -> cudnnDataType.CUDNN_DATA_FLOAT;
      case F64 -> cudnnDataType.CUDNN_DATA_DOUBLE;
      case BF16 -> cudnnDataType.CUDNN_DATA_BFLOAT16;
      case F16 -> cudnnDataType.CUDNN_DATA_HALF;
      default -> throw new IllegalArgumentException("[conv2d] no convolution of " + dtype);
    };
  }
}
