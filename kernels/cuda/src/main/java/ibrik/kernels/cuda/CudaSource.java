package ibrik.kernels.cuda;

import ibrik.tensor.DType;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// A `.cu` file with the definitions it is compiled with: one source serves all element types.
///
/// @param name path below `src/main/cuda`, or what the user calls it
/// @param text the file, with the text of its includes in their places
/// @param options `-DTYPE_T=float`, ...
public record CudaSource(String name, String text, List<String> options) {
  private static final String INCLUDE = "#include \"";

  /// Copies the options.
  public CudaSource {
    options = List.copyOf(options);
  }

  /// A source of the user. It may include `"ibrik.cuh"`.
  public static CudaSource ofText(String name, String text) {
    return new CudaSource(name, expand(name, text), List.of());
  }

  /// The file `name` of this module, such as `reduce/reduce.cu`.
  static CudaSource of(String name) {
    return ofText(name, read(name));
  }

  /// With `-Dname=value`.
  public CudaSource define(String macro, Object value) {
    List<String> all = new ArrayList<>(options);
    all.add("-D" + macro + "=" + value);
    return new CudaSource(name, text, all);
  }

  /// With the type `T`, `U`, `FROM` or `TO` of the source being `dtype`.
  public CudaSource define(String type, DType dtype) {
    return define("TYPE_" + type, typeName(dtype));
  }

  /// What `ibrik.cuh` calls an element type.
  ///
  /// @throws IllegalArgumentException for b1, which has no elements of its own
  static String typeName(DType dtype) {
    return switch (dtype) {
      case F32 -> "float";
      case F64 -> "double";
      case BF16 -> "bf16";
      case F16 -> "f16";
      case I64 -> "i64";
      case I32 -> "int";
      case I8 -> "i8";
      case U8, BOOL -> "u8";
      case B1 -> throw new IllegalArgumentException("[cuda] b1 has no elements of its own");
    };
  }

  static String read(String name) {
    try (InputStream file = CudaSource.class.getResourceAsStream("src/" + name)) {
      if (file == null) {
        throw new IllegalArgumentException("[cuda] no source " + name + " in ibrik-kernels-cuda");
      }
      return new String(file.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  /// Puts included text in its place; `#line` keeps the compiler's line numbers right.
  private static String expand(String name, String text) {
    StringBuilder out = new StringBuilder();
    int line = 0;
    for (String row : text.split("\n", -1)) {
      line++;
      if (row.startsWith(INCLUDE)) {
        String included = row.substring(INCLUDE.length(), row.indexOf('"', INCLUDE.length()));
        String inside = expand(included, read("include/" + included));
        out.append("#line 1 \"").append(included).append("\"\n").append(inside);
        out.append("\n#line ").append(line + 1).append(" \"").append(name).append("\"\n");
      } else {
        out.append(row).append('\n');
      }
    }
    return out.toString();
  }
}
