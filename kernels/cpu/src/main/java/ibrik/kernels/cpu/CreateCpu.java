package ibrik.kernels.cpu;

import ibrik.tensor.DType;
import ibrik.tensor.backend.Kernel;
import ibrik.tensor.op.Create;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// Binds [Create]: filling f32.
final class CreateCpu {
  private CreateCpu() {}

  static @Nullable Kernel kernel(Create op, CpuPool pool) {
    if (!(op instanceof Create.Fill fill) || fill.spec().dtype() != DType.F32) {
      return null;
    }
    float value = (float) fill.value();
    return (_, out) -> {
      MemorySegment y = out.getFirst().data();
      Chunks.run(
          pool,
          out.getFirst().elems(),
          (from, to) -> {
            for (long i = from; i < to; i++) {
              y.set(Lanes.FLOAT, i * 4, value);
            }
          });
    };
  }
}
