package ibrik.ssl.train;

import ibrik.ssl.config.Request;
import ibrik.ssl.config.RunConfig;
import ibrik.ssl.data.DataSet;
import ibrik.ssl.data.EmbeddedSets;
import ibrik.ssl.method.Methods;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongPredicate;

/// A run small enough for a test: a narrow network, some images, two short epochs.
final class TinyRun {
  static final int IMAGES = 96;
  static final int BATCH = 16;
  static final long STEPS = 2 * IMAGES / BATCH;

  private final String method;
  private final Map<String, Object> settings = new HashMap<>();

  TinyRun(String method) {
    this.method = method;
    set("model.width", 0.25).set("train.batch_size", BATCH).set("train.epochs", 2);
    set("train.warm_up_epochs", 0).set("eval.monitor_every", 2).set("eval.monitor_images", 64);
    set("eval.ceiling_epochs", 0).set("eval.knn_neighbors", 5);
  }

  TinyRun set(String path, Object value) {
    settings.put(path, value);
    return this;
  }

  DataSet data() {
    DataSet all = EmbeddedSets.fashion();
    return new DataSet(
        all.name(),
        all.train().first(IMAGES),
        all.test().first(40),
        all.height(),
        all.width(),
        all.channels(),
        all.mean(),
        all.std(),
        all.fingerprint());
  }

  RunConfig config() {
    Request request = Request.of(Methods.find(method).orElseThrow());
    settings.forEach(request::set);
    return request.resolve(data());
  }

  /// Trains in `folder`, from its checkpoint if it has one, until `stopAfter` says so, and returns
  /// the numbers of each step.
  List<Map<String, Double>> train(Path folder, int workers, int every, LongPredicate stopAfter) {
    List<Map<String, Double>> seen = new ArrayList<>();
    long[] done = new long[1];
    TrainListener listener =
        new TrainListener() {
          @Override
          public void stepped(long steps, Map<String, Double> numbers) {
            done[0] = steps;
            seen.add(numbers);
          }
        };
    boolean there = Files.exists(folder.resolve("config.json"));
    try (RunFolder run = there ? RunFolder.open(folder) : RunFolder.create(folder)) {
      if (!there) {
        run.write("config.json", config().toJson());
      }
      try (Pretrainer pretrainer =
          new Pretrainer(config(), data(), run, new Pretrainer.Options(workers, every), listener)) {
        pretrainer.train(() -> stopAfter.test(done[0]));
      }
    }
    return seen;
  }

  /// [#train(Path, int, int, LongPredicate)] to the end.
  List<Map<String, Double>> train(Path folder) {
    return train(folder, 1, 0, _ -> false);
  }

  static byte[] checkpoint(Path folder) {
    try {
      return Files.readAllBytes(folder.resolve("checkpoint.safetensors"));
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }
}
