package ibrik.bench.peers;

import ai.djl.engine.Engine;
import ai.djl.pytorch.jni.JniUtils;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import ibrik.bench.Machine;
import ibrik.bench.Options;
import ibrik.tensor.Device;
import ibrik.tensor.backend.Backends;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.bytedeco.openblas.global.openblas;
import org.nd4j.linalg.factory.Nd4j;

/// Times this project beside PyTorch (through DJL), ND4J and OpenBLAS.
///
/// ```
/// ./ibrik bench peers [pattern ...] [--threads N] [--rounds N] [--out FILE] [--note TEXT]
/// ```
///
/// Rows of the file: `{bench, size, ours_ms, peer, peer_ms, ratio, threads, cpu, jdk, date}` with
/// medians, quartiles beside them, and ratio = peer_ms / ours_ms: above 1 where this project is
/// faster.
public final class Main {
  private Main() {}

  /// Exits with 1 if a result is off or a library is missing.
  public static void main(String[] args) throws IOException, InterruptedException {
    List<String> rest = new ArrayList<>(List.of(args));
    int threads = Integer.parseInt(take(rest, "--threads", cores()));
    int rounds = Integer.parseInt(take(rest, "--rounds", "21"));
    Path out = Path.of(take(rest, "--out", results().toString()));
    String note = take(rest, "--note", "");
    List<Contest> all = contests();
    List<Contest> chosen =
        all.stream()
            .filter(one -> rest.isEmpty() || rest.stream().anyMatch(name(one)::contains))
            .toList();
    if (!rest.stream().allMatch(part -> all.stream().anyMatch(one -> name(one).contains(part)))) {
      System.err.println(
          "[peers] usage: bench peers [pattern ...] [--threads N] [--rounds N] [--out FILE]"
              + " [--note TEXT], where a pattern is part of one of these; got "
              + String.join(" ", rest));
      all.forEach(one -> System.err.println("  " + name(one)));
      System.exit(2);
    }
    Backends.of(Device.CPU).threads(threads);
    Engine.getEngine("PyTorch");
    JniUtils.setNumThreads(threads);
    Nd4j.getEnvironment().setMaxThreads(threads);
    Nd4j.getEnvironment().setMaxMasterThreads(threads);
    String blas = System.getenv("OPENBLAS_NUM_THREADS");
    if (!String.valueOf(threads).equals(blas)) {
      throw new IllegalArgumentException(
          "[peers] OPENBLAS_NUM_THREADS must be " + threads + "; got " + blas);
    }
    ObjectNode document = new ObjectMapper().createObjectNode();
    Machine machine = Machine.here();
    document.put("date", LocalDate.now(ZoneOffset.UTC).toString());
    document.set("machine", new ObjectMapper().valueToTree(machine));
    document.put("note", note);
    document.put("peers", versions());
    ArrayNode rows = document.putArray("rows");
    Match match = new Match(2_000_000_000L, rounds);
    for (Contest contest : chosen) {
      add(rows, contest, match.play(contest), threads, machine);
      // What is there so far survives what comes next.
      write(out, document);
    }
    System.out.println("written: " + out);
    // Threads of the libraries do not end by themselves.
    System.exit(0);
  }

  private static String name(Contest contest) {
    return contest.bench() + " " + contest.size();
  }

  private static List<Contest> contests() {
    List<Contest> all = new ArrayList<>(KernelContests.all());
    all.addAll(LossContests.all());
    all.add(new StepTask("resnet20", 64, 32).contest());
    all.add(new StepTask("resnet18", 64, 32).contest());
    return all;
  }

  private static Path results() {
    return Options.inRepository("bench", "results", "cpu-peers.json");
  }

  private static String cores() {
    return String.valueOf(Runtime.getRuntime().availableProcessors());
  }

  private static String take(List<String> args, String name, String otherwise) {
    int at = args.indexOf(name);
    if (at < 0 || at + 1 == args.size()) {
      return otherwise;
    }
    args.remove(at);
    return args.remove(at);
  }

  private static String versions() {
    return "PyTorch "
        + Engine.getEngine("PyTorch").getVersion()
        + " (DJL "
        + Engine.getDjlVersion()
        + "), ND4J "
        + nd4jVersion()
        + ", OpenBLAS "
        + openblas.class.getPackage().getImplementationVersion();
  }

  /// From the name of its jar: its manifest does not say.
  private static String nd4jVersion() {
    String jar = Nd4j.class.getProtectionDomain().getCodeSource().getLocation().getPath();
    return jar.replaceAll(".*/nd4j-api-|\\.jar$", "");
  }

  private static void add(
      ArrayNode rows, Contest contest, Match.Result result, int threads, Machine machine) {
    Match.Times ours = result.ours();
    result
        .peers()
        .forEach(
            (peer, theirs) -> {
              ObjectNode row = rows.addObject();
              row.put("bench", contest.bench());
              row.put("size", contest.size());
              row.put("ours_ms", rounded(ours.median()));
              row.putArray("ours_quartiles_ms").add(rounded(ours.low())).add(rounded(ours.high()));
              row.put("peer", peer);
              row.put("peer_ms", rounded(theirs.median()));
              row.putArray("peer_quartiles_ms")
                  .add(rounded(theirs.low()))
                  .add(rounded(theirs.high()));
              row.put("ratio", rounded(theirs.median() / ours.median()));
              row.put("threads", threads);
              row.put("cpu", machine.cpu());
              row.put("jdk", machine.jdk());
              row.put("date", LocalDate.now(ZoneOffset.UTC).toString());
              System.out.printf(
                  Locale.ROOT,
                  "%-28s %-26s ours %9.3f ms  %-20s %9.3f ms  ratio %6.2f%n",
                  contest.bench(),
                  contest.size(),
                  ours.median(),
                  peer,
                  theirs.median(),
                  theirs.median() / ours.median());
            });
  }

  private static double rounded(double value) {
    return Double.parseDouble(String.format(Locale.ROOT, "%.4g", value));
  }

  private static void write(Path out, ObjectNode document) throws IOException {
    Path folder = out.toAbsolutePath().getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    Files.writeString(
        out,
        new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValueAsString(document)
            + "\n");
  }
}
