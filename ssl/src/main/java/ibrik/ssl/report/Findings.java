package ibrik.ssl.report;

import com.fasterxml.jackson.annotation.JsonProperty;
import ibrik.ssl.eval.Calibration;
import ibrik.ssl.eval.ConfusionMatrix;
import ibrik.tensor.io.AtomicFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What the evaluation at the end of a run found: `findings.json` of a run folder. Accuracies are
/// fractions of the test set.
///
/// @param rows the method and what it is compared with
/// @param k neighbours that vote for `knn` of the rows; null where unknown
/// @param classNames by label
/// @param confusion of the linear probe on the test set
/// @param map test features in the plane
/// @param calibration of the linear probe on the test set
/// @param knn accuracy of the method by number of neighbours
/// @param spectrum eigenvalues of the covariance of the features, largest first; empty if unknown
/// @param collapseValue what the loss is when all embeddings are equal; null where unknown
/// @param isotropicStd standard deviation of embeddings that point everywhere alike
/// @param notes sentences for the reader
public record Findings(
    List<Row> rows,
    @Nullable Integer k,
    List<String> classNames,
    @Nullable ConfusionMatrix confusion,
    @Nullable EmbeddingMap map,
    @Nullable Calibration calibration,
    SortedMap<Integer, Double> knn,
    double[] spectrum,
    @Nullable Double collapseValue,
    @Nullable Double isotropicStd,
    List<String> notes) {
  /// What a row is to the question whether the method learnt something.
  public enum Role {
    /// Features that this run trained.
    @JsonProperty("method")
    METHOD,
    /// Features without training, which the method must beat.
    @JsonProperty("floor")
    FLOOR,
    /// Features trained with labels.
    @JsonProperty("ceiling")
    CEILING
  }

  /// Accuracies of one kind of features. One that is no finite number counts as unknown.
  ///
  /// @param name such as `BYOL`, `random weights`, `raw pixels`
  /// @param role what it is to the question
  /// @param knn of nearest neighbours
  /// @param linear of a linear probe
  /// @param more further accuracies by name
  /// @param knnMargin how far `knn` may be from the method's by chance alone (95 %), from the
  ///   images that tell them apart; null where unknown
  /// @param linearMargin likewise of `linear`
  public record Row(
      String name,
      Role role,
      @Nullable Double knn,
      @Nullable Double linear,
      Map<String, Double> more,
      @Nullable Double knnMargin,
      @Nullable Double linearMargin) {
    /// A row that is not paired with the method image by image.
    public Row(
        String name,
        Role role,
        @Nullable Double knn,
        @Nullable Double linear,
        Map<String, Double> more) {
      this(name, role, knn, linear, more, null, null);
    }

    /// Checks the name and copies.
    public Row {
      if (name == null || role == null) {
        throw new IllegalArgumentException(
            "[findings] a row needs a name and a role (method, floor, ceiling); got "
                + name
                + ", "
                + role);
      }
      knn = finite(knn);
      linear = finite(linear);
      more = more == null ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(more));
    }
  }

  private static @Nullable Double finite(@Nullable Double value) {
    return value != null && Double.isFinite(value) ? value : null;
  }

  /// Some test images in the plane.
  ///
  /// @param kind how it was made, such as `UMAP`
  /// @param x `[n]`
  /// @param y `[n]`
  /// @param label `[n]`, class of each, -1 where unknown
  /// @param index `[n]`, place of each in the test set
  public record EmbeddingMap(String kind, double[] x, double[] y, int[] label, int[] index) {
    /// Checks that the arrays go together.
    public EmbeddingMap {
      if (kind == null || x == null || y == null || label == null || index == null) {
        throw new IllegalArgumentException("[findings] a map needs kind, x, y, label and index");
      }
      if (y.length != x.length || label.length != x.length || index.length != x.length) {
        throw new IllegalArgumentException(
            "[findings] x, y, label and index of a map must have one length; got "
                + x.length
                + ", "
                + y.length
                + ", "
                + label.length
                + ", "
                + index.length);
      }
    }

    /// From `points[n][2]`.
    public static EmbeddingMap of(String kind, double[][] points, int[] label, int[] index) {
      double[] x = new double[points.length];
      double[] y = new double[points.length];
      for (int i = 0; i < points.length; i++) {
        x[i] = points[i][0];
        y[i] = points[i][1];
      }
      return new EmbeddingMap(kind, x, y, label, index);
    }
  }

  /// Copies; what is absent in a file is empty.
  public Findings {
    rows = rows == null ? List.of() : List.copyOf(rows);
    classNames = classNames == null ? List.of() : List.copyOf(classNames);
    knn = knn == null ? new TreeMap<>() : Collections.unmodifiableSortedMap(new TreeMap<>(knn));
    spectrum = spectrum == null ? new double[0] : spectrum;
    notes = notes == null ? List.of() : List.copyOf(notes);
  }

  /// Nothing found yet.
  public static Findings none() {
    return new Findings(
        List.of(),
        null,
        List.of(),
        null,
        null,
        null,
        new TreeMap<>(),
        new double[0],
        null,
        null,
        List.of());
  }

  /// Name of class `label`: its number where it has no name.
  public String className(int label) {
    if (label < 0) {
      return "no label";
    }
    return label < classNames.size() ? classNames.get(label) : "class " + label;
  }

  /// Writes `file` as JSON, as a whole or not at all.
  ///
  /// @throws IOException if it cannot be written
  public void write(Path file) throws IOException {
    byte[] json = Json.MAPPER.writeValueAsBytes(this);
    AtomicFile.write(file, json);
  }

  /// Reads what [#write] wrote.
  ///
  /// @throws IOException if the file cannot be read or is no such JSON
  public static Findings read(Path file) throws IOException {
    return Json.MAPPER.readValue(Files.readAllBytes(file), Findings.class);
  }
}
