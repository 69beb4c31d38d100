package ibrik.ssl.train;

import com.fasterxml.jackson.databind.node.ObjectNode;
import ibrik.nn.Build;
import ibrik.nn.Precision;
import ibrik.nn.model.Encoder;
import ibrik.ssl.augment.View;
import ibrik.ssl.config.EvalConfig;
import ibrik.ssl.config.Json;
import ibrik.ssl.config.RunConfig;
import ibrik.ssl.data.DataSet;
import ibrik.ssl.eval.ConfusionMatrix;
import ibrik.ssl.eval.Evaluation;
import ibrik.ssl.eval.FeatureBank;
import ibrik.ssl.eval.KnnClassifier;
import ibrik.ssl.eval.LogisticRegression;
import ibrik.ssl.eval.Pca;
import ibrik.ssl.eval.Predictions;
import ibrik.ssl.eval.RepresentationHealth;
import ibrik.ssl.eval.Tsne;
import ibrik.ssl.eval.Umap;
import ibrik.ssl.method.MethodFactory;
import ibrik.ssl.method.Preset;
import ibrik.ssl.method.Recipe;
import ibrik.ssl.method.supervised.SupervisedConfig;
import ibrik.ssl.method.supervised.SupervisedFactory;
import ibrik.ssl.report.Findings;
import ibrik.ssl.report.Findings.Role;
import ibrik.ssl.report.Findings.Row;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// What a trained encoder is worth, beside the floor (random weights, raw pixels) and the ceiling
/// (the same encoder trained with labels): all measured here and now, on the same images.
public final class FinalEvaluation {
  /// Points on the map of features.
  private static final int MAP_POINTS = 1000;

  /// Numbers up to which a linear probe of raw pixels is worth its time: 5,000 images of 28x28.
  private static final long PIXEL_PROBE_NUMBERS = 5_000_000;

  /// Neighbours by Euclidean distance with one vote each: the common baseline on raw pixels.
  static final int MAJORITY_NEIGHBORS = 5;

  static final String RANDOM = "random weights";
  static final String PIXELS = "raw pixels";
  static final String VOTES = PIXELS + ", " + MAJORITY_NEIGHBORS + " votes";
  static final String CEILING = "supervised";

  private final RunConfig config;
  private final DataSet data;
  private final Consumer<String> phase;
  private final Baselines baselines;
  private final KnnClassifier knn;

  /// An evaluation that measures its floors and its ceiling itself.
  ///
  /// @param phase told what begins, for people
  public FinalEvaluation(RunConfig config, DataSet data, Consumer<String> phase) {
    this(config, data, phase, Baselines.anew());
  }

  /// @param phase told what begins, for people
  /// @param baselines floors and ceilings that are known
  FinalEvaluation(RunConfig config, DataSet data, Consumer<String> phase, Baselines baselines) {
    this.config = config;
    this.data = data;
    this.phase = phase;
    this.baselines = baselines;
    EvalConfig eval = config.eval();
    this.knn = KnnClassifier.weighted(eval.knnTemperature(), ks(eval.knnNeighbors()));
  }

  /// The number asked for first, then the usual ones.
  private static List<Integer> ks(int asked) {
    return IntStream.concat(IntStream.of(asked), IntStream.of(10, 20, 100, 200))
        .distinct()
        .boxed()
        .toList();
  }

  /// Features of both parts of the data, as the encoder sees them, and all that was found.
  ///
  /// @param findings for the report
  /// @param numbers of the method by name, for `result.json`
  /// @param train features of the training images
  /// @param test features of the test images
  public record Outcome(
      Findings findings, Map<String, Double> numbers, FeatureBank train, FeatureBank test) {
    /// The row of the method itself.
    public Row method() {
      return findings.rows().getFirst();
    }

    /// The row called `name`, if it was measured.
    public @Nullable Row row(String name) {
      return findings.rows().stream().filter(r -> r.name().equals(name)).findFirst().orElse(null);
    }
  }

  /// Evaluates `encoder`.
  ///
  /// @param collapseValue of the method's loss, for the report
  public Outcome run(Encoder encoder, double collapseValue) {
    phase.accept("features of " + (data.train().size() + data.test().size()) + " images");
    FeatureBank train = bank(encoder, true);
    FeatureBank test = bank(encoder, false);
    List<String> notes = new ArrayList<>(data.notes());
    boolean labelled = labelled(train) && test.size() > 0 && labelled(test);
    if (!labelled) {
      notes.add("There are no labels on both parts of the data, so there are no accuracies.");
      return unlabelled(train, test, collapseValue, notes);
    }
    phase.accept("k-NN, linear probe, clusters, retrieval");
    Evaluation.Plan plan =
        new Evaluation.Plan(knn, LogisticRegression.Config.small(), config.seed());
    Evaluation found = Evaluation.of(train, test, plan, config.device());
    List<Row> rows = new ArrayList<>();
    rows.add(
        new Row(
            config.method().title(),
            Role.METHOD,
            found.knn().getFirst().accuracy(),
            found.logistic().accuracy(),
            Map.of()));
    Judged own = Judged.of(found.knn().getFirst().predictions(), found.logistic().test());
    rows.addAll(floors(own));
    Row ceiling = ceiling(own);
    if (ceiling != null) {
      rows.add(ceiling);
    }
    TreeMap<Integer, Double> byK = new TreeMap<>();
    found.knn().forEach(result -> byK.put(result.k(), result.accuracy()));
    return new Outcome(
        new Findings(
            rows,
            config.eval().knnNeighbors(),
            data.classNames(),
            ConfusionMatrix.of(found.logistic().test()),
            map(test),
            found.calibration(),
            byK,
            spectrum(train),
            collapseValue,
            found.health().isotropicStd(),
            notes),
        found.toMap(),
        train,
        test);
  }

  private Outcome unlabelled(
      FeatureBank train, FeatureBank test, double collapseValue, List<String> notes) {
    RepresentationHealth health =
        RepresentationHealth.of(train, RepresentationHealth.DEFAULT_SAMPLES, config.device());
    Map<String, Double> numbers = new LinkedHashMap<>();
    numbers.put("embedding_std", health.std());
    numbers.put("effective_rank", health.effectiveRank());
    return new Outcome(
        new Findings(
            List.of(new Row(config.method().title(), Role.METHOD, null, null, Map.of())),
            null,
            data.classNames(),
            null,
            map(test.size() > 0 ? test : train),
            null,
            new TreeMap<>(),
            spectrum(train),
            collapseValue,
            health.isotropicStd(),
            notes),
        numbers,
        train,
        test);
  }

  private static boolean labelled(FeatureBank bank) {
    return bank.classes() > 1 && IntStream.of(bank.labels()).allMatch(label -> label >= 0);
  }

  private FeatureBank bank(Encoder encoder, boolean training) {
    var images = training ? data.train() : data.test();
    return images.size() == 0
        ? new FeatureBank(new float[0], encoder.featureDim(), new int[0], data.classNames().size())
        : FeatureBank.extract(encoder, data, images, FeatureBank.BATCH);
  }

  private List<Row> floors(Judged own) {
    Judged random =
        baselines.get(
            "random-weights",
            key(RANDOM, true),
            () -> {
              phase.accept("floor: the same encoder with random weights");
              try (Encoder start = start()) {
                return judge(Role.FLOOR, bank(start, true), bank(start, false));
              }
            });
    Judged pixels =
        baselines.get(
            "raw-pixels",
            key(PIXELS, false),
            () -> {
              phase.accept("floor: raw pixels");
              return judge(Role.FLOOR, pixels(true), pixels(false));
            });
    Judged votes =
        baselines.get(
            "raw-pixels-votes",
            key(VOTES, false),
            () ->
                Judged.of(
                    KnnClassifier.majority(MAJORITY_NEIGHBORS)
                        .evaluate(pixels(true), pixels(false), config.device())
                        .getFirst()
                        .predictions(),
                    null));
    return List.of(
        random.row(RANDOM, Role.FLOOR, own),
        pixels.row(PIXELS, Role.FLOOR, own),
        votes.row(VOTES, Role.FLOOR, own));
  }

  private FeatureBank pixels(boolean training) {
    return FeatureBank.pixels(data, training ? data.train() : data.test(), FeatureBank.BATCH);
  }

  /// All that decides what is measured without the method.
  private ObjectNode key(String what, boolean ofEncoder) {
    ObjectNode key = Json.object();
    key.put("what", what);
    key.put("fingerprint", data.fingerprint());
    key.put("train_images", data.train().size());
    key.put("test_images", data.test().size());
    key.put("image_size", data.height() + "x" + data.width());
    key.put("knn_neighbors", config.eval().knnNeighbors());
    key.put("knn_temperature", config.eval().knnTemperature());
    key.put("device", config.device().toString());
    if (ofEncoder) {
      key.put("seed", config.seed());
      key.set("model", Json.MAPPER.valueToTree(config.model()));
      if (config.precision() != Precision.F32) {
        key.put("precision", config.precision().name());
      }
    }
    return key;
  }

  /// The encoder as the run began with it.
  private Encoder start() {
    Build build = config.build();
    return config.model().maker(data.channels()).apply(build.child("encoder"));
  }

  private Judged judge(Role role, FeatureBank train, FeatureBank test) {
    Predictions votes = knn.evaluate(train, test, config.device()).getFirst().predictions();
    boolean probe = (long) train.size() * train.dim() <= PIXEL_PROBE_NUMBERS || role != Role.FLOOR;
    Predictions linear =
        probe
            ? LogisticRegression.probe(
                    train, test, LogisticRegression.Config.small(), config.device())
                .test()
            : null;
    return Judged.of(votes, linear);
  }

  private @Nullable Row ceiling(Judged own) {
    int epochs = config.eval().ceilingEpochs();
    if (epochs == 0 || config.method().name().equals("supervised")) {
      return null;
    }
    RunConfig supervised = supervised(epochs);
    ObjectNode key = key(CEILING, true);
    key.set("train", Json.MAPPER.valueToTree(supervised.train()));
    key.set("views", Json.MAPPER.valueToTree(supervised.views()));
    key.set("own", Json.MAPPER.valueToTree(supervised.own()));
    return baselines
        .get(
            "supervised",
            key,
            () -> {
              phase.accept("ceiling: the same encoder trained with labels, " + epochs + " epochs");
              TrainLoop loop = new TrainLoop(supervised, data);
              try (TrainingState state = loop.newState()) {
                loop.run(state, 0, 1, (done, numbers, _) -> true);
                Encoder encoder = state.method().encoder();
                return judge(Role.CEILING, bank(encoder, true), bank(encoder, false));
              }
            })
        .row(CEILING, Role.CEILING, own);
  }

  private RunConfig supervised(int epochs) {
    SupervisedFactory factory = new SupervisedFactory();
    Preset preset = Preset.of(new MethodFactory.Images(data.height(), data.channels()));
    Recipe recipe = factory.recipe(preset);
    int batch = Math.min(recipe.batchSize(), data.train().size());
    List<View> views = factory.views(preset);
    SupervisedConfig own = factory.defaults(preset);
    return new RunConfig(
        factory,
        own,
        config.seed(),
        config.device(),
        config.precision(),
        config.data(),
        config.model(),
        recipe.withLength(batch, epochs),
        views,
        config.eval());
  }

  private Findings.@Nullable EmbeddingMap map(FeatureBank bank) {
    EvalConfig.Map kind = config.eval().map();
    if (kind == EvalConfig.Map.NONE || bank.size() < 5) {
      return null;
    }
    phase.accept("map of the features");
    int[] index = IntStream.range(0, Math.min(MAP_POINTS, bank.size())).toArray();
    FeatureBank part = bank.select(index);
    FeatureBank unit = part.l2Normalized();
    double[][] points =
        switch (kind) {
          case UMAP -> Umap.fit(unit, Umap.Config.usual(unit.size()), config.device()).points();
          case TSNE -> Tsne.fit(unit, Tsne.Config.usual(unit.size())).points();
          case PCA, NONE -> Pca.fit(unit, 2).transform(unit);
        };
    String name =
        switch (kind) {
          case UMAP -> "UMAP";
          case TSNE -> "t-SNE";
          case PCA, NONE -> "PCA";
        };
    return Findings.EmbeddingMap.of(name, points, part.labels(), index);
  }

  private double[] spectrum(FeatureBank train) {
    return RepresentationHealth.covarianceSpectrum(train, RepresentationHealth.DEFAULT_SAMPLES);
  }
}
