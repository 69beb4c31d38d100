package ibrik.kernels.cuda;

import java.util.List;

/// Every `.cu` file of this module; a test compares it with the folder and with the headers.
final class CudaFiles {
  static final List<CudaFile> ALL =
      List.of(
          CreateCuda.FILL,
          ElementwiseCuda.UNARY,
          ElementwiseCuda.BINARY,
          ElementwiseCuda.WHERE,
          ElementwiseCuda.CAST,
          ReduceCuda.REDUCE,
          NormalizeCuda.SOFTMAX,
          NormalizeCuda.L2,
          NormalizeCuda.LAYER,
          NormalizeCuda.LAYER_SUMS,
          NormalizeCuda.BATCH,
          LossCuda.CROSS_ENTROPY,
          UpdateCuda.UPDATE,
          PoolCuda.POOL,
          LayoutCuda.MOVES,
          LayoutCuda.TRANSPOSE,
          IndexCuda.GATHER,
          IndexCuda.SCATTER_ADD,
          IndexCuda.ONE_HOT,
          IndexCuda.TOP_K,
          RandomCuda.RANDOM,
          ActivationCuda.GELU,
          AttendCuda.ATTENTION,
          MatMulCuda.MAT_MUL,
          OwnConvolutions.READABLE,
          OwnConvolutions.TILED,
          BinaryCuda.SIGNS,
          BinaryCuda.SURROGATES,
          BinaryCuda.XNOR_CONV2D,
          ImageCuda.AUGMENT,
          IntegerCuda.INT_CONV2D,
          IntegerCuda.REQUANTIZE,
          QuantizeCuda.FAKE_QUANTIZE,
          QuantizeCuda.PACT,
          RedundancyCuda.BARLOW_TWINS,
          RedundancyCuda.VICREG,
          SimilarityCuda.NT_XENT,
          SimilarityCuda.INFO_NCE,
          SimilarityCuda.COSINE,
          TransportCuda.SINKHORN);

  private CudaFiles() {}
}
