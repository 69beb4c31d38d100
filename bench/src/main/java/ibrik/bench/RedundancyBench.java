package ibrik.bench;

import ibrik.tensor.Tensor;
import ibrik.tensor.op.Redundancy;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/// `barlow_twins`, `vicreg_covariance`, `vicreg_variance` and their gradients for batches `[B,D]`
/// in f32. One `[D,D]` matrix is 2 B D D flops: each loss needs one, the gradient of Barlow Twins
/// three, that of the covariance two.
public class RedundancyBench extends OpBench {
  /// `BxD`: batch and width of the projection.
  @Param({"256x512", "256x2048"})
  public String size = "256x512";

  private final Redundancy.BarlowTwins barlow = new Redundancy.BarlowTwins(0.005, 1e-5);
  private final Redundancy.BarlowTwinsBackward barlowBackward =
      new Redundancy.BarlowTwinsBackward(0.005, 1e-5);
  private final Redundancy.VicregCovariance covariance = new Redundancy.VicregCovariance();
  private final Redundancy.VicregCovarianceBackward covarianceBackward =
      new Redundancy.VicregCovarianceBackward();
  private final Redundancy.VicregVariance variance = new Redundancy.VicregVariance(2, 1e-4);
  private final Redundancy.VicregVarianceBackward varianceBackward =
      new Redundancy.VicregVarianceBackward(2, 1e-4);
  private List<Tensor> views = List.of();
  private List<Tensor> one = List.of();
  private List<Tensor> viewsBack = List.of();
  private List<Tensor> oneBack = List.of();

  /// JMH makes it.
  public RedundancyBench() {}

  /// Makes the inputs and checks the losses.
  @Setup(Level.Trial)
  public void open() {
    long[] bd = Sizes.parse(size, 2);
    Tensor z1 = input(bd[0], bd[1]);
    Tensor z2 = input(bd[0], bd[1]);
    Tensor dloss = input(bd[1]);
    views = List.of(z1, z2);
    one = List.of(z1);
    viewsBack = List.of(z1, z2, dloss);
    oneBack = List.of(z1, dloss);
    RedundancyMeaning meaning = new RedundancyMeaning(z1, z2);
    Probe.check(barlow, views, 64, at -> meaning.barlowTwins(at, barlow));
    // About D / B, with as much error as it has terms.
    Probe.check(covariance, one, 64 * Math.ceilDiv(bd[1], bd[0]), meaning::covariance);
    Probe.check(variance, one, 16, at -> meaning.variance(at, variance));
  }

  private static double run(ibrik.tensor.op.Op op, List<Tensor> in, Rates rates) {
    return run(op, in, Work.of(op, in.stream().map(Tensor::spec).toList()), rates);
  }

  /// The loss of Barlow Twins.
  @Benchmark
  public double barlowTwins(Rates rates) {
    return run(barlow, views, rates);
  }

  /// Its gradients for both views.
  @Benchmark
  public double barlowTwinsBackward(Rates rates) {
    return run(barlowBackward, viewsBack, rates);
  }

  /// VICReg's covariance term.
  @Benchmark
  public double vicregCovariance(Rates rates) {
    return run(covariance, one, rates);
  }

  /// Its gradient.
  @Benchmark
  public double vicregCovarianceBackward(Rates rates) {
    return run(covarianceBackward, oneBack, rates);
  }

  /// VICReg's variance term.
  @Benchmark
  public double vicregVariance(Rates rates) {
    return run(variance, one, rates);
  }

  /// Its gradient.
  @Benchmark
  public double vicregVarianceBackward(Rates rates) {
    return run(varianceBackward, oneBack, rates);
  }
}
