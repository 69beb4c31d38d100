package ibrik.bench;

import ibrik.bench.GuardCheck.Opener;
import ibrik.bench.GuardCheck.Pair;
import ibrik.kernels.cpu.Roofs;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.op.Composite;
import ibrik.tensor.op.Op;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

/// What the guard compares. Kernels that wait for memory run on numbers in the second cache beside
/// a copy of as many bytes; those that compute, beside multiplications in registers; fused ops
/// beside their compositions; a replayed step beside the eager one.
final class GuardChecks {
  /// Checks whose ratio hardly depends on what the compiler made of other checks: for a short look.
  private static final Set<String> STEADY =
      Set.of(
          "add / copy",
          "add_row / copy",
          "relu / copy",
          "relu_backward / copy",
          "sum.rows / copy",
          "sum.columns / copy",
          "l2_normalize / copy",
          "max_pool2d / copy",
          "softmax_cross_entropy / copy",
          "ema / copy",
          "conv2d / fma",
          "conv2d_winograd / fma",
          "conv2d_backward_data / fma",
          "conv2d_backward_weight / fma",
          "replay / eager");

  private GuardChecks() {}

  /// Those of the smoke test.
  static List<GuardCheck> steady() {
    return all().stream().filter(check -> STEADY.contains(check.name())).toList();
  }

  static List<GuardCheck> all() {
    List<GuardCheck> checks = new ArrayList<>();
    for (String op : List.of("add", "add_row", "mul", "relu", "relu_backward", "exp", "tanh")) {
      checks.add(copied(op, () -> elementwise(op)));
    }
    for (String op : List.of("sum.all", "sum.rows", "sum.columns")) {
      checks.add(copied(op, () -> reduce(op)));
    }
    for (String op :
        List.of(
            "softmax",
            "l2_normalize",
            "l2_normalize_backward",
            "batch_norm",
            "batch_norm_backward")) {
      checks.add(copied(op, () -> normalize(op)));
    }
    for (String op : List.of("softmax_cross_entropy", "softmax_cross_entropy_backward")) {
      checks.add(copied(op, () -> crossEntropy(op)));
    }
    for (String op : List.of("max_pool2d", "max_pool2d_backward")) {
      checks.add(copied(op, () -> pool(op)));
    }
    for (String op : List.of("transpose.matrix", "concat")) {
      checks.add(copied(op, () -> layout(op)));
    }
    checks.add(copied("gather", GuardChecks::gather));
    for (String op : List.of("ema", "sgd", "adam_w")) {
      checks.add(copied(op, () -> update(op)));
    }
    checks.add(new GuardCheck("mat_mul / fma", GuardChecks::matMul));
    checks.add(new GuardCheck("conv2d / fma", conv(bench -> bench::forward)));
    checks.add(new GuardCheck("conv2d_winograd / fma", conv(8, bench -> bench::forward)));
    checks.add(new GuardCheck("conv2d_backward_data / fma", conv(bench -> bench::backwardData)));
    checks.add(
        new GuardCheck("conv2d_backward_weight / fma", conv(bench -> bench::backwardWeight)));
    for (String op :
        List.of(
            "batch_norm",
            "batch_norm_backward",
            "batch_norm_relu",
            "batch_norm_add_relu",
            "l2_normalize_backward")) {
      checks.add(composed(op, () -> normalize(op)));
    }
    for (String op : List.of("softmax_cross_entropy", "softmax_cross_entropy_backward")) {
      checks.add(composed(op, () -> crossEntropy(op)));
    }
    checks.add(new GuardCheck("fake_quantize / composed", GuardChecks::fakeQuantize));
    checks.add(new GuardCheck("xnor_conv2d / conv2d", GuardChecks::xnor));
    checks.add(new GuardCheck("augment / reference", GuardChecks::augment));
    checks.add(new GuardCheck("replay / eager", GuardChecks::replay));
    return checks;
  }

  private static GuardCheck copied(String op, Supplier<FamilyBench> make) {
    return new GuardCheck(
        op + " / copy",
        () -> {
          FamilyBench bench = open(make.get());
          Rates rates = new Rates();
          return new Copy(bench.work().bytes()).beside(() -> timed(bench, rates), bench);
        });
  }

  private static double timed(FamilyBench bench, Rates rates) {
    return bench instanceof UpdateBench update ? update.update(rates) : bench.run(rates);
  }

  private static GuardCheck composed(String op, Supplier<FamilyBench> make) {
    return new GuardCheck(
        op + " / composed",
        () -> {
          FamilyBench bench = open(make.get());
          Rates rates = new Rates();
          return new Pair(
              () -> compose(bench.op(), bench.in()), () -> bench.run(rates), bench::close);
        });
  }

  private static double compose(Op op, List<Tensor> in) {
    try (TensorScope _ = TensorScope.open()) {
      return ((Composite) op).compose(in).getFirst().reshape(-1).narrow(0, 0, 1).item();
    }
  }

  private static FamilyBench open(FamilyBench bench) {
    try {
      bench.open();
      return bench;
    } catch (RuntimeException failed) {
      bench.close();
      throw failed;
    }
  }

  private static FamilyBench elementwise(String op) {
    ElementwiseBench bench = new ElementwiseBench();
    bench.op = op;
    return bench;
  }

  private static FamilyBench reduce(String op) {
    ReduceBench bench = new ReduceBench();
    bench.op = op;
    return bench;
  }

  private static FamilyBench normalize(String op) {
    NormalizeBench bench = new NormalizeBench();
    bench.op = op;
    return bench;
  }

  private static FamilyBench crossEntropy(String op) {
    CrossEntropyBench bench = new CrossEntropyBench();
    bench.op = op;
    return bench;
  }

  private static FamilyBench pool(String op) {
    PoolBench bench = new PoolBench();
    bench.op = op;
    return bench;
  }

  private static FamilyBench layout(String op) {
    LayoutBench bench = new LayoutBench();
    bench.op = op;
    return bench;
  }

  private static FamilyBench gather() {
    return new IndexBench();
  }

  private static FamilyBench update(String op) {
    UpdateBench bench = new UpdateBench();
    bench.op = op;
    return bench;
  }

  private static Pair matMul() {
    MatMulBench bench = new MatMulBench();
    bench.size = "256x256x256";
    bench.open();
    Rates rates = new Rates();
    long flops = 2L * 256 * 256 * 256;
    return new Pair(() -> multiplyAdd(flops), () -> bench.matMul(rates), bench::close);
  }

  /// A way to run one of the three convolutions.
  private interface Timed {
    double run(Rates rates);
  }

  /// Two images are added up directly.
  private static Opener conv(Function<ConvBench, Timed> which) {
    return conv(2, which);
  }

  private static Opener conv(int images, Function<ConvBench, Timed> which) {
    return () -> {
      ConvBench bench = new ConvBench();
      bench.layer = images + "x16x64x64x3x1";
      bench.open();
      Rates rates = new Rates();
      Timed timed = which.apply(bench);
      long flops = 2L * images * 16 * 16 * 64 * 9 * 64;
      return new Pair(() -> multiplyAdd(flops), () -> timed.run(rates), bench::close);
    };
  }

  private static double multiplyAdd(long flops) {
    return Roofs.multiplyAdd(Math.toIntExact(flops / Roofs.flopsPerStep()), 0.5f);
  }

  private static Pair fakeQuantize() {
    FakeQuantizeBench bench = new FakeQuantizeBench();
    bench.size = "128x512";
    bench.open();
    Rates rates = new Rates();
    return new Pair(() -> bench.forwardComposed(rates), () -> bench.forward(rates), bench::close);
  }

  private static Pair xnor() {
    XnorBench bench = new XnorBench();
    bench.layer = "1x14x256x256x3x1";
    bench.open();
    Rates rates = new Rates();
    return new Pair(() -> bench.conv2d(rates), () -> bench.xnor(rates), bench::close);
  }

  /// There is no copy to stand beside: a view is made in the caches.
  private static Pair augment() {
    AugmentBench cpu = new AugmentBench();
    AugmentBench reference = new AugmentBench();
    reference.device = "reference";
    open(cpu);
    open(reference);
    Rates rates = new Rates();
    return new Pair(
        () -> reference.augment(rates),
        () -> cpu.augment(rates),
        () -> {
          cpu.close();
          reference.close();
        });
  }

  private static Pair replay() {
    StepBench bench = new StepBench();
    bench.model = "resnet8";
    bench.batch = "2x8x1";
    bench.open();
    Rates rates = new Rates();
    return new Pair(() -> bench.eager(rates), () -> bench.replay(rates), () -> close(bench));
  }

  private static void close(StepBench bench) {
    try {
      bench.close();
    } catch (Exception failed) {
      throw new IllegalStateException("[guard] a step cannot be closed", failed);
    }
  }

  /// Copies as many bytes as a kernel reads and writes.
  @SuppressWarnings("MustBeClosedChecker") // the pair closes it
  private static final class Copy {
    private final Arena arena = Arena.ofShared();
    private final CopyPair pair;

    Copy(long traffic) {
      pair = CopyPair.of(arena, traffic);
    }

    private double run() {
      Roofs.copy(pair.from(), pair.to(), pair.from().byteSize());
      return pair.to().get(ValueLayout.JAVA_BYTE, 0);
    }

    Pair beside(Turns.Run guarded, FamilyBench bench) {
      return new Pair(
          this::run,
          guarded,
          () -> {
            arena.close();
            bench.close();
          });
    }
  }
}
