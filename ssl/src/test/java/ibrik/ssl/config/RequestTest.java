package ibrik.ssl.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.ssl.augment.View;
import ibrik.ssl.data.DataSet;
import ibrik.ssl.data.EmbeddedSets;
import ibrik.ssl.data.Split;
import ibrik.ssl.method.MethodFactory;
import ibrik.ssl.method.Methods;
import ibrik.ssl.method.Preset;
import ibrik.ssl.method.byol.ByolConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Defaults, file and flags, one over the other.
class RequestTest {
  private static final MethodFactory<?> BYOL = Methods.find("byol").orElseThrow();

  @TempDir Path folder;

  private Request file(String json) throws IOException {
    return Request.of(BYOL, Files.writeString(folder.resolve("mine.json"), json));
  }

  private static String refused(org.junit.jupiter.api.function.Executable action) {
    return assertThrows(IllegalArgumentException.class, action).getMessage();
  }

  private static DataSet fashion() {
    return EmbeddedSets.fashion();
  }

  @Test
  void defaultsAreTheMethodsRecipe() {
    RunConfig config = Request.of(BYOL).resolve(fashion());
    assertEquals(BYOL.recipe(Preset.GREY), config.train());
    assertEquals(BYOL.views(Preset.GREY), config.views());
    assertEquals(BYOL.defaults(Preset.GREY), config.own());
    assertEquals("fashion", config.data().name());
  }

  @Test
  void flagsWinOverTheFileAndTheFileOverDefaults() throws IOException {
    Request request =
        file("{\"seed\": 5, \"train\": {\"epochs\": 7, \"batch_size\": 32}}")
            .set("train.epochs", 9);
    RunConfig config = request.resolve(fashion());
    assertEquals(5, config.seed());
    assertEquals(9, config.train().epochs());
    assertEquals(32, config.train().batchSize());
  }

  @Test
  void aMethodsOwnSettings() throws IOException {
    Request request = file("{\"byol\": {\"predictor\": false}}").set("byol.tau_base", 0.5);
    ByolConfig own = (ByolConfig) request.resolve(fashion()).own();
    assertEquals(false, own.predictor());
    assertEquals(0.5, own.tauBase());
  }

  @Test
  void viewsTogetherAndOneByOne() throws IOException {
    Request request = file("{\"views\": [{\"flip\": 0.1}, {\"flip\": 0.2}]}");
    Setting gray =
        Schema.of(BYOL).settings().stream()
            .filter(s -> s.path().equals("views.gray"))
            .findFirst()
            .orElseThrow();
    request.set(gray, 1, 0.7).set(gray, Request.ALL_VIEWS, 0.3);
    List<View> views = request.resolve(fashion()).views();
    assertEquals(List.of(0.1, 0.2), views.stream().map(View::flip).toList());
    assertEquals(List.of(0.3, 0.7), views.stream().map(View::gray).toList());
    RunConfig all = file("{\"views\": {\"flip\": 0.25}}").resolve(fashion());
    assertTrue(all.views().stream().allMatch(view -> view.flip() == 0.25));
  }

  @Test
  void aStoredConfigurationIsItselfAFile() throws IOException {
    RunConfig first = file("{\"seed\": 5, \"eval\": {\"map\": \"pca\"}}").resolve(fashion());
    var tree = first.toJson();
    tree.putObject("provenance").put("java", "25");
    tree.put("command", "ibrik pretrain byol");
    assertEquals(first, file(Json.pretty(tree)).resolve(fashion()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"trian": {}}                       | unknown key 'trian'; did you mean 'train'?
          {"train": {"epoch": 3}}             | train: unknown key 'epoch'; did you mean 'epochs'?
          {"train": {"zzz": 3}}               | unknown key 'zzz'; known: optimizer, base_lr
          {"train": {"epochs": 3.5}}          | train.epochs must be a whole number below 2^31; got 3.5
          {"train": {"epochs": "many"}}       | train.epochs must be a whole number below 2^31; got "many"
          {"byol": {"predictor": 1}}          | byol.predictor must be true or false; got 1
          {"views": {"filter": "cubic"}}      | views.filter must be one of
          {"eval": 3}                         | eval must be an object
          {"method": "simclr"}                | is for method "simclr", not byol
          {"seed": 1, "seed": 2}              | no valid JSON: Duplicate field 'seed'
          {"seed": 1                          | no valid JSON
          [1]                                 | must hold one object
          """)
  void filesThatAreWrong(String json, String message) {
    String got = refused(() -> file(json));
    assertTrue(got.contains(message), got);
    assertTrue(got.startsWith("[config] "), got);
  }

  @ParameterizedTest
  @CsvSource({
    "train.base_lr, -1, base_lr must be a number above 0; got -1.0",
    "train.base_lr, NaN, base_lr must be a number above 0; got NaN",
    "byol.tau_base, 1.5, 'tau_base must be in [0, 1]; got 1.5'",
    "model.width, 0, width must be a number above 0; got 0.0",
    "eval.knn_temperature, Infinity, knn_temperature must be a number above 0; got Infinity",
  })
  void numbersThatBreakARule(String path, double value, String message) {
    String got = refused(() -> Request.of(BYOL).set(path, value).resolve(fashion()));
    assertEquals("[config] " + message, got);
  }

  @Test
  void anUnknownModelNamesTheNearest() {
    String got = refused(() -> Request.of(BYOL).set("model.name", "resnet81").resolve(fashion()));
    assertTrue(got.contains("unknown model 'resnet81'; did you mean resnet8?"), got);
  }

  @Test
  void anotherNumberOfViews() {
    String got = refused(() -> file("{\"views\": [{}]}").resolve(fashion()));
    assertTrue(got.contains("views must have 2 entries"), got);
  }

  @Test
  void aRunGoesOnAsItBegan() {
    RunConfig config = Request.of(BYOL).set("train.epochs", 3).resolve(fashion());
    assertEquals(config, Request.of(BYOL).resume(config.toJson()));
    assertEquals(config, Request.of(BYOL).set("train.epochs", 3).resume(config.toJson()));
    String got =
        refused(
            () -> Request.of(BYOL).set("train.epochs", 4).set("seed", 1).resume(config.toJson()));
    assertTrue(got.contains("seed is 0, not 1; train.epochs is 3, not 4"), got);
  }

  @Test
  void aFileThatIsNotThere() {
    assertEquals(
        "[config] there is no file " + folder.resolve("none.json"),
        refused(() -> Request.of(BYOL, folder.resolve("none.json"))));
  }

  /// How many views there are follows the method's own settings, from a file or from flags.
  @Test
  void theNumberOfSmallCropsDecidesHowManyViewsThereAre() throws IOException {
    MethodFactory<?> swav = Methods.find("swav").orElseThrow();
    assertEquals(4, Request.of(swav).resolve(fashion()).views().size());
    RunConfig more = Request.of(swav).set("swav.local_crops", 5).resolve(fashion());
    assertEquals(7, more.views().size());
    assertEquals(more.views().get(2), more.views().get(6));
    Path file = folder.resolve("crops.json");
    Files.writeString(file, "{\"swav\": {\"local_crops\": 0}, \"views\": {\"blur\": 0.25}}");
    RunConfig none = Request.of(swav, file).resolve(fashion());
    assertEquals(2, none.views().size());
    assertEquals(0.25, none.views().getFirst().blur());
  }

  /// A run of before there were these keys goes on as what it was.
  @Test
  void keysThatCameLater() {
    RunConfig config = Request.of(BYOL).resolve(fashion());
    var older = config.toJson();
    ((com.fasterxml.jackson.databind.node.ObjectNode) older.get("data"))
        .remove(List.of("split", "saliency"));
    assertEquals(config, Request.of(BYOL).resume(older));
    assertEquals(config, Request.of(BYOL).set("data.split", Split.OFFICIAL).resume(older));
    String got = refused(() -> Request.of(BYOL).set("data.split", Split.HOLDOUT).resume(older));
    assertTrue(got.contains("data.split is \"OFFICIAL\", not \"HOLDOUT\""), got);
    MethodFactory<?> msbreg = Methods.find("msbreg").orElseThrow();
    RunConfig other = Request.of(msbreg).resolve(fashion());
    var before = other.toJson();
    ((com.fasterxml.jackson.databind.node.ObjectNode) before.get("msbreg")).remove("dispersion");
    assertEquals(other, Request.of(msbreg).resume(before));
  }
}
