package ibrik.ssl.report;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;

/// The files of a finished run that never was, for comparisons.
final class FakeRun {
  private FakeRun() {}

  /// Writes `folder/NAME` with `config.json`, `metrics.jsonl` and `result.json`.
  static Path write(Path folder, String method, int seed, double knn, Consumer<ObjectNode> change)
      throws IOException {
    Path run = Files.createDirectories(folder.resolve(method + "-seed" + seed));
    ObjectNode config =
        (ObjectNode)
            Json.MAPPER.readTree(
                """
                {"device":"cpu",
                 "data":{"name":"cifar10","dir":"/home/someone/cifar","limit":0},
                 "model":{"name":"resnet8","width":1.0},
                 "train":{"base_lr":0.5,"epochs":4,"batch_size":64},
                 "eval":{"knn_neighbors":20,"knn_temperature":0.07},
                 "provenance":{"java":"25","system":"Linux","data_fingerprint":"abc",
                   "train_images":2000,"test_images":1000,"started":"2026-11-25T04:15:00Z"}}
                """);
    config.put("method", method);
    config.put("seed", seed);
    config.put(
        "command",
        "ibrik pretrain " + method + " --data cifar10 --data-dir /home/someone/cifar --out " + run);
    change.accept(config);
    Files.writeString(run.resolve("config.json"), config.toString());
    StringBuilder lines = new StringBuilder();
    for (int e = 1; e <= 4; e++) {
      lines.append(
          "{\"epoch\":%d,\"step\":%d,\"loss\":%s,\"embedding_std\":0.1,\"seconds\":30%s}\n"
              .formatted(
                  e,
                  e * 10,
                  2.0 / e,
                  e % 2 == 0 ? ",\"effective_rank\":9.5,\"knn\":" + knn * e / 4 : ""));
    }
    Files.writeString(run.resolve("metrics.jsonl"), lines);
    Files.writeString(
        run.resolve("result.json"),
        """
        {"method":"%s","data":"cifar10","epochs":4,"knn":%s,"linear":%s,"random_init_knn":%s,
         "random_init_linear":0.31,"pixel_knn":0.3,"pixel_majority_knn":0.28,
         "seed":%d,"images_per_second":66.7,"seconds":120.0,"embedding_std":0.08,
         "effective_rank":10.25}
        """
            .formatted(method, knn, knn + 0.05, 0.25 + 0.01 * seed, seed));
    return run;
  }

  static Path write(Path folder, String method, int seed, double knn) throws IOException {
    return write(folder, method, seed, knn, _ -> {});
  }
}
