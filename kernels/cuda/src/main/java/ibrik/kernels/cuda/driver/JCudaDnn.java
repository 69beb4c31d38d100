package ibrik.kernels.cuda.driver;

import ibrik.tensor.DType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.HashMap;
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

/// Convolutions of cuDNN, deterministic ones: for each shape the first algorithm that its heuristic
/// names and that gives the same bits every time.
final class JCudaDnn implements Dnn {
  private static final int SUGGESTIONS = 8;

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
      cudnnConvolutionDescriptor how,
      int algorithm,
      long workspaceBytes) {}

  JCudaDnn(Handles<CUstream> streams) {
    this.streams = streams;
    MemorySegment numbers = Arena.global().allocate(24, 8);
    numbers.set(ValueLayout.JAVA_FLOAT, 0, 1);
    numbers.set(ValueLayout.JAVA_DOUBLE, 8, 1);
    Pointer zero = Addresses.pointer(numbers.address() + 16);
    f32 = new Scalars(Addresses.pointer(numbers.address()), zero);
    f64 = new Scalars(Addresses.pointer(numbers.address() + 8), zero);
  }

  /// `90500` is 9.5.0.
  long version() {
    return JCudnn.cudnnGetVersion();
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
  public long workspaceBytes(Convolution convolution, long stream) {
    return plan(convolution, stream).workspaceBytes;
  }

  @Override
  public void run(Convolution c, long x, long w, long y, long workspace, long stream) {
    Plan p = plan(c, stream);
    Scalars scalars = c.dtype() == DType.F64 ? f64 : f32;
    cudnnHandle handle = handle(stream);
    Pointer atX = Addresses.pointer(x);
    Pointer atW = Addresses.pointer(w);
    Pointer atY = Addresses.pointer(y);
    Pointer work = Addresses.pointer(workspace);
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
                  p.algorithm,
                  work,
                  p.workspaceBytes,
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
                  p.algorithm,
                  work,
                  p.workspaceBytes,
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
                  p.algorithm,
                  work,
                  p.workspaceBytes,
                  scalars.zero,
                  p.w,
                  atW);
        };
    check("cudnnConvolution", status, c);
  }

  private Plan plan(Convolution convolution, long stream) {
    Plan known = plans.get(convolution);
    if (known == null) {
      known = make(convolution, handle(stream));
      plans.put(convolution, known);
    }
    return known;
  }

  private static Plan make(Convolution c, cudnnHandle handle) {
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
    int algorithm = algorithm(c, handle, x, w, y, how);
    long[] bytes = new long[1];
    int status =
        switch (c.role()) {
          case FORWARD ->
              JCudnn.cudnnGetConvolutionForwardWorkspaceSize(
                  handle, x, w, how, y, algorithm, bytes);
          case BACKWARD_DATA ->
              JCudnn.cudnnGetConvolutionBackwardDataWorkspaceSize(
                  handle, w, y, how, x, algorithm, bytes);
          case BACKWARD_WEIGHT ->
              JCudnn.cudnnGetConvolutionBackwardFilterWorkspaceSize(
                  handle, x, y, how, w, algorithm, bytes);
        };
    check("cudnnGetConvolutionWorkspaceSize", status, c);
    return new Plan(x, w, y, how, algorithm, bytes[0]);
  }

  private static int algorithm(
      Convolution c,
      cudnnHandle handle,
      cudnnTensorDescriptor x,
      cudnnFilterDescriptor w,
      cudnnTensorDescriptor y,
      cudnnConvolutionDescriptor how) {
    int[] found = new int[1];
    switch (c.role()) {
      case FORWARD -> {
        var list = new cudnnConvolutionFwdAlgoPerf[SUGGESTIONS];
        Arrays.setAll(list, _ -> new cudnnConvolutionFwdAlgoPerf());
        check(
            "cudnnGetConvolutionForwardAlgorithm_v7",
            JCudnn.cudnnGetConvolutionForwardAlgorithm_v7(
                handle, x, w, how, y, SUGGESTIONS, found, list),
            c);
        for (int i = 0; i < found[0]; i++) {
          if (usable(list[i].status, list[i].determinism)) {
            return list[i].algo;
          }
        }
      }
      case BACKWARD_DATA -> {
        var list = new cudnnConvolutionBwdDataAlgoPerf[SUGGESTIONS];
        Arrays.setAll(list, _ -> new cudnnConvolutionBwdDataAlgoPerf());
        check(
            "cudnnGetConvolutionBackwardDataAlgorithm_v7",
            JCudnn.cudnnGetConvolutionBackwardDataAlgorithm_v7(
                handle, w, y, how, x, SUGGESTIONS, found, list),
            c);
        for (int i = 0; i < found[0]; i++) {
          if (usable(list[i].status, list[i].determinism)) {
            return list[i].algo;
          }
        }
      }
      case BACKWARD_WEIGHT -> {
        var list = new cudnnConvolutionBwdFilterAlgoPerf[SUGGESTIONS];
        Arrays.setAll(list, _ -> new cudnnConvolutionBwdFilterAlgoPerf());
        check(
            "cudnnGetConvolutionBackwardFilterAlgorithm_v7",
            JCudnn.cudnnGetConvolutionBackwardFilterAlgorithm_v7(
                handle, x, y, how, w, SUGGESTIONS, found, list),
            c);
        for (int i = 0; i < found[0]; i++) {
          if (usable(list[i].status, list[i].determinism)) {
            return list[i].algo;
          }
        }
      }
    }
    throw new CudaException("cudnnGetConvolutionAlgorithm", 0, "none is deterministic: " + c);
  }

  private static boolean usable(int status, int determinism) {
    return status == 0 && determinism == cudnnDeterminism.CUDNN_DETERMINISTIC;
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
