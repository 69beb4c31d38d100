package ibrik.tensor;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Reads and writes single elements of any working type as `double` or `long`. The scalar
/// reference, printing and input/output use it; kernels have typed loops.
public final class Elements {
  private Elements() {}

  /// Element `index` as a double; bool as 0 or 1. i64 beyond 2^53 is rounded: see [#getLong].
  public static double get(MemorySegment data, DType dtype, long index) {
    return switch (dtype) {
      case F32 -> data.get(ValueLayout.JAVA_FLOAT_UNALIGNED, index * 4);
      case F64 -> data.get(ValueLayout.JAVA_DOUBLE_UNALIGNED, index * 8);
      case I64 -> data.get(ValueLayout.JAVA_LONG_UNALIGNED, index * 8);
      case I32 -> data.get(ValueLayout.JAVA_INT_UNALIGNED, index * 4);
      case I8 -> data.get(ValueLayout.JAVA_BYTE, index);
      case U8, BOOL -> data.get(ValueLayout.JAVA_BYTE, index) & 0xFF;
      case BF16 -> HalfFloats.fromBf16(data.get(ValueLayout.JAVA_SHORT_UNALIGNED, index * 2));
      case F16 -> Float.float16ToFloat(data.get(ValueLayout.JAVA_SHORT_UNALIGNED, index * 2));
      case B1 -> (data.get(ValueLayout.JAVA_BYTE, index >> 3) >> (index & 7)) & 1;
    };
  }

  /// Element `index` of an integer or bool tensor, exact.
  public static long getLong(MemorySegment data, DType dtype, long index) {
    return dtype == DType.I64
        ? data.get(ValueLayout.JAVA_LONG_UNALIGNED, index * 8)
        : (long) get(data, dtype, index);
  }

  /// Writes `value`: rounds to nearest for floats, truncates and wraps for integers; any number but
  /// 0 is true.
  ///
  /// @throws UnsupportedOperationException for types that are declared but not working yet
  public static void set(MemorySegment data, DType dtype, long index, double value) {
    switch (dtype) {
      case F32 -> data.set(ValueLayout.JAVA_FLOAT_UNALIGNED, index * 4, (float) value);
      case F64 -> data.set(ValueLayout.JAVA_DOUBLE_UNALIGNED, index * 8, value);
      case I64, I32, I8, U8 -> setLong(data, dtype, index, (long) value);
      case BOOL -> data.set(ValueLayout.JAVA_BYTE, index, (byte) (value != 0 ? 1 : 0));
      case BF16 -> data.set(ValueLayout.JAVA_SHORT_UNALIGNED, index * 2, HalfFloats.toBf16(value));
      case F16 -> data.set(ValueLayout.JAVA_SHORT_UNALIGNED, index * 2, HalfFloats.toF16(value));
      case B1 -> throw notWorking(dtype);
    }
  }

  /// Writes an integer, exact; wraps where the type is narrower.
  public static void setLong(MemorySegment data, DType dtype, long index, long value) {
    switch (dtype) {
      case I64 -> data.set(ValueLayout.JAVA_LONG_UNALIGNED, index * 8, value);
      case I32 -> data.set(ValueLayout.JAVA_INT_UNALIGNED, index * 4, (int) value);
      case I8, U8 -> data.set(ValueLayout.JAVA_BYTE, index, (byte) value);
      case BOOL -> data.set(ValueLayout.JAVA_BYTE, index, (byte) (value != 0 ? 1 : 0));
      case F32, F64, BF16, F16 -> set(data, dtype, index, (double) value);
      case B1 -> throw notWorking(dtype);
    }
  }

  private static UnsupportedOperationException notWorking(DType dtype) {
    return new UnsupportedOperationException(
        "[dtype] " + dtype + " is declared but has no kernels; use another type");
  }
}
