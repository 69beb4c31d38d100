package ibrik.ssl.method.cluster;

import ibrik.ssl.method.Method;
import ibrik.ssl.method.StraightLine;
import ibrik.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// Epochs and steps of a [ClusterNetwork] of two heads written down once more: three views, the
/// last one small; the bank and the labels as plain numbers.
public abstract class ClusterLine {
  /// The numbers.
  protected final StraightLine line;

  private final int width;
  private final double temperature;
  private final boolean learning;
  private final double[][] fresh = new double[2][];

  /// @param width of embeddings
  /// @param learning whether prototypes are trained
  protected ClusterLine(Method method, int width, double temperature, boolean learning) {
    this.line = new StraightLine(method);
    this.width = width;
    this.temperature = temperature;
    this.learning = learning;
  }

  /// The numbers.
  public StraightLine line() {
    return line;
  }

  /// Clusters of `rows`, one row of numbers each.
  protected abstract int[] clusters(double[][] rows, int head, int epoch);

  /// One large view after the other through the networks, into the bank.
  public void fill(List<Tensor> views, int[] images) {
    for (int v = 0; v < 2; v++) {
      Tensor z = StraightLine.unit(line.head("projector", line.pooled("encoder", views.get(v))));
      fresh[v] = z.toDoubles();
    }
    put(images);
  }

  private void put(int[] images) {
    for (int i = 0; i < images.length; i++) {
      for (int v = 0; v < 2; v++) {
        System.arraycopy(fresh[v], i * width, line.numbers("bank" + v), images[i] * width, width);
      }
      line.numbers("bank_seen")[images[i]] = 1;
    }
  }

  /// New labels for all images seen.
  public void cluster(int epoch) {
    double[] seen = line.numbers("bank_seen");
    int[] known = IntStream.range(0, seen.length).filter(i -> seen[i] > 0).toArray();
    for (int h = 0; h < 2; h++) {
      double[] bank = line.numbers("bank" + h);
      double[][] rows =
          Arrays.stream(known)
              .mapToObj(i -> Arrays.copyOfRange(bank, i * width, (i + 1) * width))
              .toArray(double[][]::new);
      int[] found = clusters(rows, h, epoch);
      double[] labels = line.numbers("labels" + h);
      for (int i = 0; i < known.length; i++) {
        labels[known[i]] = found[i];
        line.numbers("bank_labelled")[known[i]] = 1;
      }
    }
  }

  /// One step at `rate`; the loss.
  public double step(List<Tensor> views, int[] images, double rate) {
    double loss =
        line.step(
            () -> loss(views, images),
            name -> learning || !name.startsWith("prototypes") ? rate : 0);
    put(images);
    return loss;
  }

  private Tensor loss(List<Tensor> views, int[] images) {
    int batch = images.length;
    Tensor y = line.pooled("encoder", views, 2);
    Tensor z = StraightLine.unit(line.head("projector", y));
    Tensor total = null;
    double count = 0;
    for (int h = 0; h < 2; h++) {
      Tensor e = z.matMul(line.leaf("prototypes" + h + ".weight"), false, true);
      e = e.div(temperature).exp();
      Tensor logs = e.div(e.sum(List.of(1), true)).log();
      int k = (int) logs.dim(1);
      double[] picks = new double[3 * batch * k];
      for (int row = 0; row < 3 * batch; row++) {
        int image = images[row % batch];
        if (line.numbers("bank_labelled")[image] > 0) {
          picks[row * k + (int) line.numbers("labels" + h)[image]] = 1;
          count += 0.5; // both heads count the same rows
        }
      }
      Tensor part = logs.mul(Tensor.of(picks, 3L * batch, k)).sum();
      total = total == null ? part : total.add(part);
    }
    for (int v = 0; v < 2; v++) {
      fresh[v] = z.narrow(0, (long) v * batch, batch).toDoubles();
    }
    return java.util.Objects.requireNonNull(total).div(-2 * count);
  }

  /// Product of two rows.
  protected static double dot(double[] a, double[] b) {
    return IntStream.range(0, a.length).mapToDouble(i -> a[i] * b[i]).sum();
  }

  /// The rows of a matrix of numbers.
  protected static double[][] rows(double[] matrix, int width) {
    return IntStream.range(0, matrix.length / width)
        .mapToObj(i -> Arrays.copyOfRange(matrix, i * width, (i + 1) * width))
        .toArray(double[][]::new);
  }

  /// Divides each row by its length.
  protected static void normalize(double[] matrix, int width) {
    for (int at = 0; at < matrix.length; at += width) {
      double[] row = Arrays.copyOfRange(matrix, at, at + width);
      double length = Math.sqrt(dot(row, row));
      for (int d = 0; d < width; d++) {
        matrix[at + d] /= length;
      }
    }
  }
}
