package ibrik.kernels.cuda;

import ibrik.tensor.DType;
import java.util.List;

/// A `.cu` file of this module and what its launcher assumes of it: the row that tests and the
/// benchmark read.
///
/// @param source the file
/// @param threads threads of a block, as the `launch` line of its header says first
/// @param macros the element types it is compiled for go by these names, `T` mostly
/// @param types element types it serves
record CudaFile(CudaSource source, int threads, List<String> macros, List<DType> types) {
  /// The types that floating-point kernels serve.
  static final List<DType> FLOATS = List.of(DType.F32, DType.F64, DType.BF16, DType.F16);

  /// The types that hold numbers.
  static final List<DType> NUMBERS =
      List.of(
          DType.F32, DType.F64, DType.BF16, DType.F16, DType.I64, DType.I32, DType.I8, DType.U8);

  /// A file with one element type, `T`.
  static CudaFile of(String name, int threads, List<DType> types) {
    return new CudaFile(CudaSource.of(name), threads, List.of("T"), types);
  }

  /// Whether it serves `dtype`.
  boolean serves(DType dtype) {
    return types.contains(dtype);
  }

  /// The source with `T` = `dtype`.
  CudaSource with(DType dtype) {
    return source.define("T", dtype);
  }
}
