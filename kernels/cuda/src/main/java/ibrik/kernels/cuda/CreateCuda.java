package ibrik.kernels.cuda;

import ibrik.kernels.cuda.driver.Grid;
import ibrik.tensor.DType;
import ibrik.tensor.HalfFloats;
import ibrik.tensor.op.Create;
import org.jspecify.annotations.Nullable;

/// Launches [Create].
final class CreateCuda {
  static final CudaFile FILL = CudaFile.of("create/fill.cu", 256, CudaFile.NUMBERS);

  private CreateCuda() {}

  static @Nullable CudaOp op(Create op) {
    return switch (op) {
      case Create.Fill(var spec, double value, _) ->
          switch (spec.dtype()) {
            case F32 -> fill(spec.dtype(), launch -> launch.f32((float) value));
            case F64 -> fill(spec.dtype(), launch -> launch.f64(value));
            case I64 -> fill(spec.dtype(), launch -> launch.i64((long) value));
            case I32 -> fill(spec.dtype(), launch -> launch.i32((int) (long) value));
            case I8, U8 -> fill(spec.dtype(), launch -> launch.i32((byte) (long) value));
            case BOOL -> fill(spec.dtype(), launch -> launch.i32(value != 0 ? 1 : 0));
            // The lowest bytes of an argument are the value: this machine is little-endian.
            case BF16 -> fill(spec.dtype(), launch -> launch.i32(HalfFloats.toBf16(value)));
            case F16 -> fill(spec.dtype(), launch -> launch.i32(HalfFloats.toF16(value)));
            case B1 -> null;
          };
      case Create.Iota(long n, DType dtype, _) ->
          !FILL.serves(dtype)
              ? null
              : (gpu, _, out) ->
                  gpu.kernel(FILL.with(dtype), "iota_v1")
                      .tensor(out.getFirst())
                      .i64(n)
                      .run(Grid.strided(n, FILL.threads(), gpu.fullGrid()));
    };
  }

  private interface Value {
    Launch add(Launch launch);
  }

  private static CudaOp fill(DType dtype, Value value) {
    return (gpu, _, out) -> {
      long n = out.getFirst().elems();
      value
          .add(gpu.kernel(FILL.with(dtype), "fill_v1").tensor(out.getFirst()).i64(n))
          .run(Grid.strided(n, FILL.threads(), gpu.fullGrid()));
    };
  }
}
