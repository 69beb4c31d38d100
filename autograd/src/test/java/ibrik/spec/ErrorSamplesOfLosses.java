package ibrik.spec;

import static ibrik.spec.ErrorSample.broken;

import ibrik.tensor.op.Op;
import ibrik.tensor.op.Redundancy;
import ibrik.tensor.op.Similarity;
import ibrik.tensor.op.Transport;
import java.util.List;

/// One broken call per op and rule of [Transport], [Similarity] and [Redundancy].
final class ErrorSamplesOfLosses {
  private static final String CAST = "cast it with cast(DType.F32)";
  private static final String EMBEDDINGS = "embeddings must have one shape [B, D]";

  private ErrorSamplesOfLosses() {}

  static void add(List<ErrorSample> samples) {
    Op codes = new Transport.SinkhornKnopp(0.05, 3);
    samples.add(
        broken(codes, "scores must be floating point", "scores: i32[2,3]", CAST, "i32[2,3]"));
    samples.add(broken(codes, "scores must have 2 axes", "scores: f32[3]", "", "f32[3]"));
    ntXent(samples);
    infoNce(samples);
    cosine(samples);
    barlowTwins(samples);
    vicreg(samples);
  }

  private static void ntXent(List<ErrorSample> samples) {
    Op forward = new Similarity.NtXent(0.5);
    String got = "z1: f32[2,3], z2: f32[3,2]";
    samples.add(broken(forward, EMBEDDINGS, got, "", "f32[2,3]", "f32[3,2]"));
    String none = "z1 needs at least one row";
    got = "z1: f32[0,3], z2: f32[0,3]";
    samples.add(broken(forward, none, got, "", "f32[0,3]", "f32[0,3]"));
    Op backward = new Similarity.NtXentBackward(0.5);
    got += ", loss: f32[0], dloss: f32[0]";
    samples.add(broken(backward, none, got, "", "f32[0,3]", "f32[0,3]", "f32[0]", "f32[0]"));
    got = "z1: f32[2,3], z2: f32[2,3], loss: f32[4], dloss: f32[2]";
    String rows = "loss and dloss must be f32[4]";
    samples.add(broken(backward, rows, got, "", "f32[2,3]", "f32[2,3]", "f32[4]", "f32[2]"));
  }

  private static void infoNce(List<ErrorSample> samples) {
    String alike = "q and k must have one type and shape";
    String width = "q and queue must have one width";
    Op forward = new Similarity.InfoNce(0.2);
    String got = "q: f32[2,3], k: f32[3,3], queue: f32[5,3]";
    samples.add(broken(forward, alike, got, "", "f32[2,3]", "f32[3,3]", "f32[5,3]"));
    got = "q: f32[2,3], k: f32[2,3], queue: f32[5,4]";
    samples.add(broken(forward, width, got, "", "f32[2,3]", "f32[2,3]", "f32[5,4]"));
    got = "q: f32[2,3], k: f32[2,3], queue: f32[3]";
    samples.add(
        broken(forward, "queue must have 2 axes", got, "", "f32[2,3]", "f32[2,3]", "f32[3]"));
    got = "q: f32[2,3], k: f32[2,3], queue: f64[5,3]";
    String one = "q and queue must have one element type";
    samples.add(broken(forward, one, got, "cast one of them", "f32[2,3]", "f32[2,3]", "f64[5,3]"));
    String rows = "loss and dloss must be f32[2]";
    for (Op op :
        List.of(new Similarity.InfoNceBackwardQuery(0.2), new Similarity.InfoNceBackward(0.2))) {
      got = "q: f32[2,3], k: f32[2,3], queue: f32[5,4], loss: f32[2], dloss: f32[2]";
      samples.add(
          broken(op, width, got, "", "f32[2,3]", "f32[2,3]", "f32[5,4]", "f32[2]", "f32[2]"));
      got = "q: f32[2,3], k: f32[2,3], queue: f32[5,3], loss: f32[2], dloss: f32[5]";
      samples.add(
          broken(op, rows, got, "", "f32[2,3]", "f32[2,3]", "f32[5,3]", "f32[2]", "f32[5]"));
    }
  }

  private static void cosine(List<ErrorSample> samples) {
    String alike = "x and y must have one shape [B, D]";
    Op forward = new Similarity.CosineRegression(1e-12);
    samples.add(broken(forward, alike, "x: f32[3], y: f32[3]", "", "f32[3]", "f32[3]"));
    String got = "x: f32[2,3], y: f32[2,1]";
    samples.add(broken(forward, alike, got, "", "f32[2,3]", "f32[2,1]"));
    Op backward = new Similarity.CosineRegressionBackward(1e-12);
    samples.add(
        broken(backward, alike, got + ", dloss: f32[2]", "", "f32[2,3]", "f32[2,1]", "f32[2]"));
    got = "x: f32[2,3], y: f32[2,3], dloss: f32[3]";
    samples.add(
        broken(backward, "dloss must be f32[2]", got, "", "f32[2,3]", "f32[2,3]", "f32[3]"));
  }

  private static void barlowTwins(List<ErrorSample> samples) {
    String empty = "embeddings must not be empty";
    Op forward = new Redundancy.BarlowTwins(0.005, 1e-5);
    String got = "z1: f32[2,3], z2: f32[2,4]";
    samples.add(broken(forward, EMBEDDINGS, got, "", "f32[2,3]", "f32[2,4]"));
    got = "z1: f32[0,3], z2: f32[0,3]";
    samples.add(broken(forward, empty, got, "", "f32[0,3]", "f32[0,3]"));
    Op backward = new Redundancy.BarlowTwinsBackward(0.005, 1e-5);
    got = "z1: f32[2,0], z2: f32[2,0], dloss: f32[0]";
    samples.add(broken(backward, empty, got, "", "f32[2,0]", "f32[2,0]", "f32[0]"));
    got = "z1: f32[2,3], z2: f32[2,3], dloss: f32[2]";
    samples.add(
        broken(backward, "dloss must be f32[3]", got, "", "f32[2,3]", "f32[2,3]", "f32[2]"));
  }

  private static void vicreg(List<ErrorSample> samples) {
    String rows = "z needs at least two rows: the variance divides by B - 1";
    for (Op op :
        List.of(new Redundancy.VicregVariance(1, 1e-4), new Redundancy.VicregCovariance())) {
      samples.add(broken(op, "z must be floating point", "z: i32[2,3]", CAST, "i32[2,3]"));
      samples.add(broken(op, "z must have 2 axes", "z: f32[3]", "", "f32[3]"));
      samples.add(broken(op, rows, "z: f32[1,3]", "", "f32[1,3]"));
      samples.add(broken(op, "z needs at least one dimension", "z: f32[2,0]", "", "f32[2,0]"));
    }
    for (Op op :
        List.of(
            new Redundancy.VicregVarianceBackward(1, 1e-4),
            new Redundancy.VicregCovarianceBackward())) {
      samples.add(broken(op, rows, "z: f32[1,3], dloss: f32[3]", "", "f32[1,3]", "f32[3]"));
      String got = "z: f32[2,3], dloss: f32[2]";
      samples.add(broken(op, "dloss must be f32[3]", got, "", "f32[2,3]", "f32[2]"));
    }
  }
}
