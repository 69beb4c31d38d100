package ibrik.kernels.cuda;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Finds CUDA's shared libraries and loads them, so that the binding finds them loaded wherever
/// they lie.
final class Libraries {
  /// A library by the name that the binding asks for.
  record Library(String file, String what) {}

  static final Library DRIVER = new Library("libcuda.so.1", "NVIDIA's driver");
  static final Library COMPILER = new Library("libnvrtc.so.12", "the compiler NVRTC of CUDA 12");
  static final Library BLAS = new Library("libcublas.so.12", "cuBLAS of CUDA 12");
  static final Library DNN = new Library("libcudnn.so.9", "cuDNN 9");

  private final List<Path> folders;
  private final Supplier<@Nullable Path> lastResort;

  /// Looks in these folders after the dynamic linker.
  Libraries(List<Path> folders) {
    this(folders, () -> null);
  }

  private Libraries(List<Path> folders, Supplier<@Nullable Path> lastResort) {
    this.folders = List.copyOf(folders);
    this.lastResort = lastResort;
  }

  /// Those of this machine: beside what the dynamic linker knows, `CUDA_HOME`, `CUDA_PATH`, and the
  /// usual places; at last a jar, unpacked below `cache` when all else failed.
  static Libraries ofThisMachine(Path cache) {
    List<Path> folders = new ArrayList<>();
    for (String variable : List.of("CUDA_HOME", "CUDA_PATH")) {
      String home = System.getenv(variable);
      if (home != null && !home.isEmpty()) {
        folders.add(Path.of(home, "lib64"));
        folders.add(Path.of(home, "lib"));
      }
    }
    folders.add(Path.of("/usr/local/cuda/lib64"));
    try (Stream<Path> versions = Files.list(Path.of("/usr/local"))) {
      versions
          .filter(path -> path.getFileName().toString().startsWith("cuda-12"))
          .sorted()
          .map(path -> path.resolve("lib64"))
          .forEach(folders::add);
    } catch (IOException | UncheckedIOException none) {
      // No such folder: nothing to add.
    }
    folders.add(Path.of("/usr/lib/x86_64-linux-gnu"));
    folders.add(Path.of("/usr/lib/wsl/lib"));
    return new Libraries(folders, () -> Bundled.unpack(Libraries.class.getClassLoader(), cache));
  }

  /// Loads `library` for the life of the process.
  ///
  /// @return `null`, or what was looked for and where
  @Nullable String load(Library library) {
    List<String> seen = new ArrayList<>();
    if (open(library.file, seen)) {
      return null;
    }
    for (Path folder : folders) {
      Path file = folder.resolve(library.file);
      if (Files.exists(file) && open(file.toString(), seen)) {
        return null;
      }
    }
    // The driver belongs to the machine; a jar cannot bring it.
    Path unpacked = library.equals(DRIVER) ? null : lastResort.get();
    if (unpacked != null && open(unpacked.resolve(library.file).toString(), seen)) {
      return null;
    }
    return library.file
        + " ("
        + library.what
        + ") was not found: not by the dynamic linker (LD_LIBRARY_PATH="
        + System.getenv().getOrDefault("LD_LIBRARY_PATH", "")
        + "), not in "
        + folders.stream().map(Path::toString).toList()
        + found("; there is ", others(library))
        + found("; ", seen);
  }

  private static String found(String lead, List<String> what) {
    return what.isEmpty() ? "" : lead + String.join(", ", what);
  }

  /// Other versions of `library` in the folders: what a machine with the wrong CUDA has.
  private List<String> others(Library library) {
    String stem = library.file.substring(0, library.file.indexOf(".so") + 3);
    List<String> others = new ArrayList<>();
    for (Path folder : folders) {
      try (Stream<Path> files = Files.list(folder)) {
        files
            .map(Path::toString)
            .filter(file -> file.contains("/" + stem) && !file.endsWith("/" + library.file))
            .sorted()
            .map(file -> file + " of another version")
            .forEach(others::add);
      } catch (IOException | UncheckedIOException none) {
        // No such folder: nothing to name.
      }
    }
    return others;
  }

  @SuppressWarnings("restricted") // loading native code is what this is for
  private static boolean open(String file, List<String> seen) {
    try {
      if (file.startsWith("/")) {
        SymbolLookup.libraryLookup(Path.of(file), Arena.global());
      } else {
        SymbolLookup.libraryLookup(file, Arena.global());
      }
      return true;
    } catch (IllegalArgumentException failed) {
      if (file.startsWith("/")) {
        seen.add(file + " does not load: " + failed.getMessage());
      }
      return false;
    }
  }
}
