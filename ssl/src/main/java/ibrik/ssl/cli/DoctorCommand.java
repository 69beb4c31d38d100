package ibrik.ssl.cli;

import ibrik.ssl.data.DataSets;
import ibrik.tensor.Device;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.backend.Backend;
import ibrik.tensor.backend.Backends;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Command;

/// `ibrik doctor`.
@Command(
    name = "doctor",
    description = "Say what was found on this machine, what is missing, and what to do.")
final class DoctorCommand extends AnyCommand {
  private static final double MIB = 1024.0 * 1024;

  private int problems;

  @Override
  public Integer call() {
    PrintWriter out = out();
    Runtime runtime = Runtime.getRuntime();
    ok(out, "Java", Runtime.version() + ", " + System.getProperty("java.home"));
    ok(
        out,
        "system",
        System.getProperty("os.name")
            + " "
            + System.getProperty("os.arch")
            + ", "
            + runtime.availableProcessors()
            + " processors, heap up to "
            + Math.round(runtime.maxMemory() / MIB)
            + " MiB");
    for (Backend backend : Backends.all()) {
      ok(out, "backend " + backend.name(), backend.description());
    }
    for (Backend backend : Backends.all()) {
      for (int i = 0; i < backend.devices(); i++) {
        arithmetic(out, new Device(backend.name(), i));
      }
    }
    Backends.refused()
        .forEach(
            (name, why) -> {
              if (name.equals(Device.CPU.backend())) {
                bad(out, "backend " + name, why);
              } else {
                absent(out, "backend " + name, why); // all of Ibrik runs without it
              }
            });
    if (Backends.of(Device.CPU).name().equals(Device.REFERENCE.backend())) {
      bad(
          out,
          "cpu",
          "only the scalar reference serves; start Java with --add-modules"
              + " jdk.incubator.vector (the launcher `ibrik` does)");
    }
    for (DataSets.Source source : DataSets.all()) {
      if (source.embedded()) {
        ok(out, "data " + source.name(), images(source.name()));
      }
    }
    data(out);
    writable(out);
    out.println(problems == 0 ? "All is well." : problems + " to look at.");
    return problems == 0 ? 0 : 1;
  }

  /// A product with a known result: kernels are found, compiled, run, and right.
  private void arithmetic(PrintWriter out, Device device) {
    String what = "device " + device;
    try (TensorScope _ = TensorScope.open()) {
      Tensor a = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2).to(device);
      double sum = a.matMul(a).sum().item();
      if (sum == 54) {
        ok(out, what, "a matrix product is right");
      } else {
        bad(out, what, "a matrix product is wrong, its sum is not 54 but " + sum);
      }
    } catch (RuntimeException failed) {
      bad(out, what, "a matrix product failed: " + failed.getMessage());
    }
  }

  private static String images(String name) {
    var data = DataSets.open(new DataSets.Request(name, null, true, 0));
    return data.train().size() + " + " + data.test().size() + " images, checksums right";
  }

  private void data(PrintWriter out) {
    String root = System.getenv(DataPaths.VARIABLE);
    if (root == null) {
      ok(out, DataPaths.VARIABLE, "not set; needed only for data that is not embedded");
    } else if (Files.isDirectory(Path.of(root))) {
      ok(out, DataPaths.VARIABLE, root);
    } else {
      bad(out, DataPaths.VARIABLE, root + " is no folder; set it to the folder of your data sets");
    }
  }

  private void writable(PrintWriter out) {
    Path here = Path.of("").toAbsolutePath();
    if (Files.isWritable(here)) {
      ok(
          out,
          "disk",
          Math.round(here.toFile().getUsableSpace() / MIB) + " MiB free for runs in " + here);
    } else {
      bad(out, "disk", "cannot write in " + here + "; give pretrain an --out elsewhere");
    }
  }

  private static void ok(PrintWriter out, String what, String found) {
    out.printf("  ok  %-18s %s%n", what, found);
  }

  private static void absent(PrintWriter out, String what, String why) {
    out.printf("  --  %-18s %s%n", what, why);
  }

  private void bad(PrintWriter out, String what, String why) {
    problems++;
    out.printf("  !!  %-18s %s%n", what, why);
  }
}
