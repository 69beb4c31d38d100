package ibrik.kernels.cuda;

import ibrik.kernels.cuda.driver.CudaException;
import ibrik.kernels.cuda.driver.Dnn.Choice;
import ibrik.kernels.cuda.driver.Driver;
import ibrik.kernels.cuda.driver.JCudaDriver;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// CUDA on this machine: looked for once, when it is first asked for. The binding's classes are
/// loaded only where the driver's library is.
final class LocalInstallation implements Installation {
  private record Found(@Nullable Driver driver, @Nullable String refusal) {}

  private final Libraries libraries;
  private @Nullable Found found;

  LocalInstallation(Libraries libraries) {
    this.libraries = libraries;
  }

  /// By the driver of this machine, and the libraries of its toolkit or of a jar.
  static LocalInstallation ofThisMachine() {
    return new LocalInstallation(Libraries.ofThisMachine(cacheFolder()));
  }

  @Override
  public @Nullable Driver driver() {
    return look().driver;
  }

  @Override
  public @Nullable String refusal() {
    return look().refusal;
  }

  @Override
  public ImageCache images() {
    return ImageCache.in(cacheFolder());
  }

  @Override
  public Convolutions.Policy convolutions() {
    return policy(
        System.getProperty("ibrik.cuda.convolutions"),
        Boolean.getBoolean("ibrik.cuda.tf32"),
        cacheFolder());
  }

  /// @param choice one of `heuristic`, `measured`, `fastest`; `null` is the first
  static Convolutions.Policy policy(@Nullable String choice, boolean tf32, @Nullable Path folder) {
    Choice known =
        choice == null
            ? Choice.HEURISTIC
            : Arrays.stream(Choice.values())
                .filter(one -> one.name().toLowerCase(Locale.ROOT).equals(choice))
                .findFirst()
                .orElseThrow(
                    () ->
                        new IllegalArgumentException(
                            "[cuda] -Dibrik.cuda.convolutions must be heuristic, measured or"
                                + " fastest; got "
                                + choice
                                + "; leave it out for heuristic"));
    return new Convolutions.Policy(known, tf32, folder);
  }

  @Override
  public long capBytes() {
    return Long.getLong("ibrik.cuda.memory", Long.MAX_VALUE);
  }

  /// `$XDG_CACHE_HOME/ibrik/cuda`, by default `~/.cache/ibrik/cuda`.
  private static Path cacheFolder() {
    String base = System.getenv("XDG_CACHE_HOME");
    Path folder =
        base == null || base.isEmpty()
            ? Path.of(System.getProperty("user.home"), ".cache")
            : Path.of(base);
    return folder.resolve("ibrik").resolve("cuda");
  }

  private synchronized Found look() {
    Found known = found;
    if (known == null) {
      known = search();
      found = known;
    }
    return known;
  }

  private Found search() {
    String driver = libraries.load(Libraries.DRIVER);
    if (driver != null) {
      return refuse(
          driver + "; install NVIDIA's driver (525 or newer), or leave it: the CPU serves");
    }
    String compiler = libraries.load(Libraries.COMPILER);
    if (compiler != null) {
      return refuse(
          compiler
              + "; install CUDA 12 (its lib64 on LD_LIBRARY_PATH, or CUDA_HOME set), or build with"
              + " -Pcuda-redist");
    }
    boolean own = Boolean.getBoolean("ibrik.cuda.own");
    boolean blas = !own && libraries.load(Libraries.BLAS) == null;
    boolean dnn = !own && libraries.load(Libraries.DNN) == null;
    try {
      JCudaDriver started = new JCudaDriver(blas, dnn);
      return started.devices() == 0
          ? refuse("the driver works and sees no device; check nvidia-smi and CUDA_VISIBLE_DEVICES")
          : new Found(started, null);
    } catch (CudaException failed) {
      return refuse(
          failed.getMessage()
              + "; check nvidia-smi: is there a device, is the driver loaded and new enough for"
              + " CUDA 12?");
    } catch (LinkageError failed) {
      return refuse(
          "JCuda 12.6.0 does not load: "
              + failed.getMessage()
              + "; its native libraries are for Linux on x86-64, and need CUDA 12 and cuDNN 9");
    }
  }

  private static Found refuse(String why) {
    return new Found(null, why);
  }
}
