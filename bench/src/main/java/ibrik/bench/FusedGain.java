package ibrik.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import ibrik.autograd.Tape;
import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.Tensors;
import ibrik.tensor.exec.Interpreter;
import ibrik.tensor.op.Composite;
import ibrik.tensor.op.Op;
import ibrik.tensor.op.Redundancy;
import ibrik.tensor.op.Similarity;
import ibrik.tensor.op.Transport;
import java.io.IOException;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/// What a fused loss gains over its own composition on the cpu backend. Both run in turn, round by
/// round, so that a busy machine slows both; what counts is the ratio of the medians.
///
/// ```
/// java --add-modules jdk.incubator.vector -cp bench/target/benchmarks.jar ibrik.bench.FusedGain \
///     FILE NOTE
/// ```
public final class FusedGain {
  private static final long SECOND = 1_000_000_000L;

  private FusedGain() {}

  /// One comparison.
  ///
  /// @param name of the row
  /// @param op a loss or an assignment
  /// @param dims shapes of its inputs, standard normal
  /// @param wrt how many inputs, from the first on, want a gradient; 0 times the loss alone
  record Case(String name, Op op, List<long[]> dims, int wrt) {}

  /// Writes the ratios to the file named first, with the remark given second.
  public static void main(String[] args) throws IOException {
    if (args.length != 2) {
      throw new IllegalArgumentException("[fused_gain] needs a file and a note");
    }
    ObjectNode document = new ObjectMapper().createObjectNode();
    document.put("date", LocalDate.now(ZoneOffset.UTC).toString());
    document.set("machine", new ObjectMapper().valueToTree(Machine.here()));
    document.put("note", args[1]);
    var rows = document.putArray("results");
    for (Case one : cases()) {
      ObjectNode row = measure(one, 2 * SECOND, 40);
      System.out.println(row);
      rows.add(row);
    }
    ResultDocument.write(Path.of(args[0]), document);
  }

  private static List<Case> cases() {
    List<long[]> scores = List.of(new long[] {512, 3000});
    List<long[]> pair = List.of(new long[] {256, 128}, new long[] {256, 128});
    List<long[]> queue = List.of(pair.get(0), pair.get(0), new long[] {4096, 128});
    List<long[]> wide = List.of(new long[] {256, 2048}, new long[] {256, 2048});
    List<Case> cases = new ArrayList<>();
    cases.add(new Case("sinkhorn_knopp", new Transport.SinkhornKnopp(0.5, 3), scores, 0));
    cases.add(
        new Case("sinkhorn_knopp, in logarithms", new Transport.SinkhornKnopp(0.05, 3), scores, 0));
    List<long[]> one = wide.subList(0, 1);
    for (int wanted : new int[] {0, 1}) {
      int both = 2 * wanted;
      cases.add(new Case("nt_xent", new Similarity.NtXent(0.2), pair, both));
      // Not normalised: dot products have variance 128. Keys are constants, as in MoCo.
      cases.add(new Case("info_nce", new Similarity.InfoNce(128), queue, wanted));
      // The target is a constant, as in BYOL.
      cases.add(
          new Case("cosine_regression", new Similarity.CosineRegression(1e-12), pair, wanted));
      cases.add(new Case("barlow_twins", new Redundancy.BarlowTwins(0.005, 1e-5), wide, both));
      cases.add(new Case("vicreg_variance", new Redundancy.VicregVariance(2, 1e-4), one, wanted));
      cases.add(new Case("vicreg_covariance", new Redundancy.VicregCovariance(), one, wanted));
    }
    return cases;
  }

  /// Times both forms in turn, after a warm-up of `warmNanos`.
  static ObjectNode measure(Case one, long warmNanos, int rounds) {
    try (TensorScope _ = TensorScope.open()) {
      List<Tensor> in = new ArrayList<>();
      for (long[] dims : one.dims) {
        TensorSpec spec = new TensorSpec(DType.F32, Shape.of(dims));
        in.add(Tensors.normal(spec, 0, 1, Tensors.key(1, in.size(), Device.CPU)));
      }
      Supplier<Tensor> fused = () -> Interpreter.current().apply(one.op, in).getFirst();
      Supplier<Tensor> composed = () -> ((Composite) one.op).compose(in).getFirst();
      for (long start = System.nanoTime(); System.nanoTime() - start < warmNanos; ) {
        nanos(fused, in.subList(0, one.wrt));
        nanos(composed, in.subList(0, one.wrt));
      }
      long[] fusedNanos = new long[rounds];
      long[] composedNanos = new long[rounds];
      for (int i = 0; i < rounds; i++) {
        fusedNanos[i] = nanos(fused, in.subList(0, one.wrt));
        composedNanos[i] = nanos(composed, in.subList(0, one.wrt));
      }
      return row(one, fusedNanos, composedNanos);
    }
  }

  private static long nanos(Supplier<Tensor> loss, List<Tensor> wrt) {
    try (TensorScope _ = TensorScope.open()) {
      long start = System.nanoTime();
      if (!wrt.isEmpty()) {
        try (Tape.Run run = Tape.record(() -> loss.get().mean())) {
          run.gradients(wrt);
        }
      } else {
        var _ = loss.get();
      }
      return System.nanoTime() - start;
    }
  }

  private static ObjectNode row(Case one, long[] fused, long[] composed) {
    Arrays.sort(fused);
    Arrays.sort(composed);
    ObjectNode row = new ObjectMapper().createObjectNode();
    row.put("op", one.name);
    row.put("shapes", String.join(" ", one.dims.stream().map(Arrays::toString).toList()));
    row.put("timed", one.wrt == 0 ? "loss" : "loss and gradients");
    row.put("fused_ms", milliseconds(fused[fused.length / 2]));
    row.put("fused_quartiles_ms", quartiles(fused));
    row.put("composed_ms", milliseconds(composed[composed.length / 2]));
    row.put("composed_quartiles_ms", quartiles(composed));
    row.put(
        "ratio", Digits.three((double) composed[composed.length / 2] / fused[fused.length / 2]));
    row.put("rounds", fused.length);
    return row;
  }

  private static String quartiles(long[] sorted) {
    return milliseconds(sorted[sorted.length / 4])
        + " "
        + milliseconds(sorted[sorted.length * 3 / 4]);
  }

  private static double milliseconds(long nanos) {
    return Digits.three(nanos * 1e-6);
  }
}
