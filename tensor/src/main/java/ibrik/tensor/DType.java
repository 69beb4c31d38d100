package ibrik.tensor;

import java.util.Locale;

/// Element types of tensors. All work but b1, which is declared so that files, shapes and messages
/// can name it. bf16 and f16 are for storage: kernels widen every operand, compute in [#wide] and
/// round the result once.
public enum DType {
  /// IEEE 754 single precision: the type of training.
  F32(32, Kind.FLOAT),
  /// IEEE 754 double precision: for gradient checks and reductions.
  F64(64, Kind.FLOAT),
  /// Brain float: 8 exponent bits, 7 mantissa bits. Storage only; computes in f32.
  BF16(16, Kind.FLOAT),
  /// IEEE 754 half precision. Storage only; computes in f32.
  F16(16, Kind.FLOAT),
  /// Signed 64-bit integer.
  I64(64, Kind.INTEGER),
  /// Signed 32-bit integer: labels and indices.
  I32(32, Kind.INTEGER),
  /// Signed 8-bit integer: weights and activations of inference in integers.
  I8(8, Kind.INTEGER),
  /// Unsigned 8-bit integer: image bytes.
  U8(8, Kind.INTEGER),
  /// Truth value in one byte, 0 or 1.
  BOOL(8, Kind.BOOL),
  /// Truth value in one bit, packed along the last axis.
  B1(1, Kind.BOOL);

  private enum Kind {
    FLOAT,
    INTEGER,
    BOOL
  }

  private final int bits;
  private final Kind kind;

  DType(int bits, Kind kind) {
    this.bits = bits;
    this.kind = kind;
  }

  /// Bits of one element.
  public int bits() {
    return bits;
  }

  /// Bytes of `elems` densely stored elements.
  public long bytes(long elems) {
    return bits >= 8 ? Math.multiplyExact(elems, bits / 8) : Math.ceilDiv(elems, 8);
  }

  /// Bytes of one element; [B1][#B1] has none of its own.
  public int elementBytes() {
    if (bits < 8) {
      throw new IllegalStateException("[dtype] " + tag() + " has no whole bytes per element");
    }
    return bits / 8;
  }

  /// True for f32, f64, bf16, f16: the types that carry gradients.
  public boolean isFloat() {
    return kind == Kind.FLOAT;
  }

  /// The type that numbers of this one are computed in, and that statistics and parameters beside
  /// them have: f32 for bf16 and f16, else this one.
  public DType wide() {
    return this == BF16 || this == F16 ? F32 : this;
  }

  /// True for i64, i32, i8, u8.
  public boolean isInteger() {
    return kind == Kind.INTEGER;
  }

  /// The short name used in messages, files and kernels: `f32`, `bool`, ...
  public String tag() {
    return name().toLowerCase(Locale.ROOT);
  }

  @Override
  public String toString() {
    return tag();
  }
}
