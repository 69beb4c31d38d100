package ibrik.ssl.report;

import ibrik.ssl.eval.Calibration;
import ibrik.ssl.eval.ConfusionMatrix;
import ibrik.ssl.report.Findings.EmbeddingMap;
import ibrik.ssl.report.Findings.Role;
import ibrik.ssl.report.Findings.Row;
import ibrik.tensor.random.PhiloxStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// The files of a run that never was.
final class SyntheticRun {
  private SyntheticRun() {}

  static void write(Path folder, int epochs, List<String> classes) throws IOException {
    config(folder, epochs);
    metrics(folder, epochs);
    Files.writeString(
        folder.resolve("result.json"),
        """
        {"method":"byol","data":"shapes","epochs":%d,"knn":0.8,"linear":0.85,
         "random_init_knn":0.7,"pixel_knn":0.75,"embedding_std":0.11,
         "images_per_second":823.4,"seconds":252.3}
        """
            .formatted(epochs));
    findings(classes).write(folder.resolve("findings.json"));
  }

  static void config(Path folder, int epochs) throws IOException {
    Files.writeString(
        folder.resolve("config.json"),
        """
        {"method":"byol","command":"ibrik pretrain byol --data shapes","seed":7,"device":"cpu",
         "data":{"name":"shapes","fingerprint":"0123abc"},
         "train":{"epochs":%d,"batch_size":64},
         "views":[{"flip":0.5,"blur":0},{"flip":0.5,"blur":0.25,"solarize":0.2}],
         "byol":{"tau_base":0.99,"widths":[8,16],"none":null,"mixed":[1,{"a":2}]}}
        """
            .formatted(epochs));
  }

  static void metrics(Path folder, int epochs) throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int e = 1; e <= epochs; e++) {
      lines.append(
          String.format(
              Locale.ROOT,
              """
              {"epoch":%d,"step":%d,"loss":%.4f,"lr":%.5f,"grad_norm":1.5,"embedding_std":0.1,\
              "embedding_std_isotropic":0.125,"effective_rank":%.2f,"probe_loss":%.3f,\
              "probe_train_accuracy":%.3f,"images_per_second":820.5,"seconds":4.9,"tau":0.99%s}
              """,
              e,
              e * 10,
              1.0 / e,
              0.1 / e,
              10 + 0.1 * e,
              2.0 / e,
              1 - 0.5 / e,
              e % 5 == 1 ? ",\"knn\":0.7,\"probe_accuracy\":0.65" : ""));
    }
    Files.writeString(folder.resolve("metrics.jsonl"), lines);
  }

  static Findings findings(List<String> classes) {
    int n = classes.size();
    PhiloxStream random = new PhiloxStream(3, 0);
    int points = 5 * n;
    double[][] map = new double[points][2];
    int[] label = new int[points];
    int[] index = new int[points];
    long[][] counts = new long[n][n];
    for (int i = 0; i < points; i++) {
      label[i] = i % n;
      index[i] = i;
      map[i][0] = label[i] + 0.1 * random.nextGaussian();
      map[i][1] = 0.1 * random.nextGaussian();
      counts[label[i]][i < 4 * n ? label[i] : (label[i] + 1) % n]++;
    }
    return new Findings(
        List.of(
            new Row("supervised", Role.CEILING, 0.95, 0.96, Map.of()),
            new Row("BYOL", Role.METHOD, 0.8, 0.85, Map.of("few_shot", 0.5)),
            new Row("random weights", Role.FLOOR, 0.3, 0.4, Map.of()),
            new Row("raw pixels", Role.FLOOR, 0.2, null, Map.of())),
        200,
        classes,
        new ConfusionMatrix(counts),
        EmbeddingMap.of("UMAP", map, label, index),
        new Calibration(
            0.05,
            0.1,
            List.of(new Calibration.Bin(0, 0, 0), new Calibration.Bin(5 * n, 0.9, 0.85))),
        new TreeMap<>(Map.of(1, 0.7, 20, 0.78, 200, 0.8)),
        new double[] {4, 2, 1, 0.5, 0},
        2.0,
        0.125,
        List.of("A note."));
  }

  /// Names `class 0`, `class 1`, ...
  static List<String> classes(int count) {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      names.add("class " + i);
    }
    return names;
  }
}
