package ibrik.kernels.cuda;

import ibrik.kernels.cuda.driver.Grid;
import ibrik.tensor.DType;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.op.Elementwise;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Launches [Elementwise].
final class ElementwiseCuda {
  static final CudaFile UNARY = CudaFile.of("elementwise/unary.cu", 256, CudaFile.FLOATS);
  static final CudaFile BINARY = CudaFile.of("elementwise/binary.cu", 256, CudaFile.NUMBERS);
  static final CudaFile WHERE = CudaFile.of("elementwise/where.cu", 256, CudaFile.NUMBERS);
  static final CudaFile CAST =
      new CudaFile(
          CudaSource.of("elementwise/cast.cu"), 256, List.of("FROM", "TO"), CudaFile.NUMBERS);

  private ElementwiseCuda() {}

  static @Nullable CudaOp op(Elementwise op, List<TensorSpec> in) {
    DType type = in.getFirst().dtype();
    return switch (op) {
      case Elementwise.Unary unary -> UNARY.serves(type) ? unary(unary, type) : null;
      // What integers give where b is 0 is an error that a kernel cannot raise.
      case Elementwise.Div _ when !type.isFloat() -> null;
      case Elementwise.Binary binary -> binary(binary.tag(), type, type, in);
      case Elementwise.Compare(var how) ->
          binary(how.name().toLowerCase(Locale.ROOT), type, DType.BOOL, in);
      case Elementwise.Where _ -> where(in);
      case Elementwise.Cast(DType to) ->
          type == DType.B1 || to == DType.B1 ? null : convert("cast_v1", type, to);
      case Elementwise.Not _ -> convert("not_v1", type, DType.BOOL);
      case Elementwise.IsFinite _ -> convert("is_finite_v1", type, DType.BOOL);
    };
  }

  private static CudaOp unary(Elementwise.Unary op, DType type) {
    double p =
        switch (op) {
          case Elementwise.Scale(double factor) -> factor;
          case Elementwise.Offset(double term) -> term;
          case Elementwise.Pow(double exponent) -> exponent;
          case Elementwise.Clamp(double low, _) -> low;
          default -> 0;
        };
    double q = op instanceof Elementwise.Clamp(_, double high) ? high : 0;
    CudaOp launches =
        (gpu, in, out) -> {
          long n = out.getFirst().elems();
          gpu.kernel(UNARY.with(type), op.tag() + "_v1")
              .tensor(in.getFirst())
              .tensor(out.getFirst())
              .i64(n)
              .f64(p)
              .f64(q)
              .run(Grid.strided(n, UNARY.threads(), gpu.fullGrid()));
        };
    return launches.overwriting(0);
  }

  private static @Nullable CudaOp binary(
      String name, DType type, DType result, List<TensorSpec> in) {
    DType held = type == DType.BOOL && result == DType.BOOL ? DType.U8 : type; // bools compare
    Shape a = in.get(0).shape();
    Shape b = in.get(1).shape();
    Walks walks = Walks.of(Shape.broadcast(a, b), List.of(a, b));
    if (!BINARY.serves(held) || !walks.fits()) {
      return null;
    }
    long @Nullable [] flat = walks.flat();
    CudaSource source = BINARY.with(held);
    CudaOp launches =
        (gpu, args, out) -> {
          long n = out.getFirst().elems();
          Launch launch =
              gpu.kernel(source, name + (flat == null ? "_v1" : "_flat"))
                  .tensor(args.get(0))
                  .tensor(args.get(1))
                  .tensor(out.getFirst())
                  .i64(n);
          if (flat == null) {
            launch.struct(walks.struct());
          } else {
            launch.i64(flat[0]).i64(flat[1]);
          }
          launch.run(Grid.strided(n, BINARY.threads(), gpu.fullGrid()));
        };
    Shape to = Shape.broadcast(a, b);
    return launches.overwriting(
        IntStream.range(0, 2).filter(i -> in.get(i).shape().equals(to)).toArray());
  }

  private static @Nullable CudaOp where(List<TensorSpec> in) {
    List<Shape> shapes = in.stream().map(TensorSpec::shape).toList();
    Shape to = Shape.broadcast(shapes.get(0), Shape.broadcast(shapes.get(1), shapes.get(2)));
    Walks walks = Walks.of(to, shapes);
    DType type = in.get(1).dtype();
    if (type == DType.B1 || !walks.fits()) {
      return null;
    }
    CudaSource source = WHERE.with(type);
    CudaOp launches =
        (gpu, args, out) -> {
          long n = out.getFirst().elems();
          Launch launch = gpu.kernel(source, "where_v1");
          for (Tensor tensor : args) {
            launch.tensor(tensor);
          }
          launch
              .tensor(out.getFirst())
              .i64(n)
              .struct(walks.struct())
              .run(Grid.strided(n, WHERE.threads(), gpu.fullGrid()));
        };
    return launches.overwriting(
        IntStream.range(0, 3).filter(i -> shapes.get(i).equals(to)).toArray());
  }

  private static CudaOp convert(String name, DType from, DType to) {
    CudaSource typed = CAST.source().define("FROM", from).define("TO", to);
    CudaSource source = to == DType.BOOL ? typed.define("TO_BOOL", 1) : typed;
    return (gpu, in, out) -> {
      long n = out.getFirst().elems();
      gpu.kernel(source, name)
          .tensor(in.getFirst())
          .tensor(out.getFirst())
          .i64(n)
          .run(Grid.strided(n, CAST.threads(), gpu.fullGrid()));
    };
  }
}
