package ibrik.ssl.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.ssl.method.Methods;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Every wrong request ends with status 2 and one message that says what to do; nothing is left.
class BadInputTest {
  @TempDir Path folder;

  private void refused(String message, String... args) {
    Typed typed = Typed.run(args);
    assertEquals(2, typed.status(), typed.err());
    assertTrue(typed.err().contains(message), typed.err());
    assertFalse(typed.err().contains("\tat "), typed.err());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          pretrian                               | Did you mean: ibrik pretrain
          pretrain                               | which method? One of byol, simclr
          pretrain byool                         | Did you mean: pretrain byol?
          pretrain byol --epoch 3                | Possible solutions: --epochs
          pretrain byol --epochs                 | Expected parameter for option '--epochs'
          pretrain byol --epochs many            | 'many' is not an int
          pretrain byol --epochs -1              | [config] epochs must be at least 0; got -1
          pretrain byol --base-lr NaN            | [config] base_lr must be a number above 0; got NaN
          pretrain byol --base-lr -0.1           | [config] base_lr must be a number above 0; got -0.1
          pretrain byol --tau-base 2             | [config] tau_base must be in [0, 1]; got 2.0
          pretrain byol --crop-filter cubic      | Invalid value for option '--crop-filter'
          pretrain byol --view1-flip 3           | flip
          pretrain byol --preset cifra           | unknown preset 'cifra'; did you mean cifar?
          pretrain byol --preset big             | known: imagenet, cifar, tiny, grey
          pretrain byol --model resnet81         | unknown model 'resnet81'; did you mean resnet
          pretrain byol --data fashio            | did you mean
          pretrain byol --data cifar10           | --data-dir
          pretrain byol --data cifar10 --data-dir /nowhere | /nowhere
          pretrain byol --data-dir /tmp          | embedded
          pretrain byol --device cuda            | [device] no device cuda here
          pretrain byol --device cuda            | name one of these, or auto
          sweep --methods byol --device cuda     | [device] no device cuda here
          sweep --methods byol --set device=cpu  | [sweep] device is an option of its own; got --set device=cpu; use --device
          pretrain byol --device a:b             | [device] must look like cpu or cuda:1
          pretrain byol --batch-size 5000        | batch size must be between 1 and the
          pretrain byol --threads 0              | --threads must be at least 1; got 0
          pretrain byol --config /nowhere.json   | [config] there is no file /nowhere.json
          pretrain swav --temperature 0          | [config] temperature must be a number above 0; got 0.0
          pretrain swav --queue-length 100       | must hold a multiple of the 64 embeddings of a step; got 100
          pretrain swav --crop-size 4            | [view] size must be 0 or between 8 and 1024; got 4
          pretrain dino --view2-crop-size 14     | the networks cannot take views of 28x28 and 14x14 pixels
          pretrain twist --self-label-epochs 99  | [config] self_label_epochs must be below the 60 epochs of the run; got 99
          pretrain sela-v2 --prototypes 5000     | [config] prototypes must be at most the
          pretrain relicv2 --negatives 64        | [config] negatives must be below the batch size 64; got 64
          pretrain dino --student-temperature 0  | [config] student_temperature must be a number above 0; got 0.0
          pretrain mocov2 --temperature -1       | [config] temperature must be a number above 0; got -1.0
          pretrain mocov2 --queue 100            | must hold a multiple of the
          pretrain swav --prototypes 9           | [config] prototypes must be at least the 10 classes of the data
          pretrain mocov3 --model vit-tiny --image 32 --patch 16 --crop-size 8 | the networks cannot take views of 8x8 pixels
          pretrain byol --data-split half        | Invalid value for option '--data-split'
          pretrain byol --saliency /nowhere      | masks: folder /nowhere does not exist
          pretrain byol --dry-run --base-lr 0    | [config] base_lr must be a number above 0; got 0.0
          pretrain swav --dry-run --prototypes 9 | prototypes must be at least the 10 classes
          pretrain byol --dry-run --resume       | --dry-run is of a new run; leave --resume out
          pretrain byol --resume /nowhere        | there is no such folder
          sweep                                  | Missing required option: '--methods=<name>'
          sweep --methods byool --dry-run        | [sweep] unknown method 'byool'; did you mean byol?
          sweep --methods byol --seeds 0         | [sweep] --seeds must be at least 1; got 0
          sweep --methods byol --threads 0       | [sweep] --threads must be at least 1; got 0
          sweep --methods byol --set epochs      | [sweep] --set must look like key=value
          sweep --methods byol --set epoch=2     | [sweep] byol has no setting 'epoch'; got --set epoch=2; did you mean epochs?
          sweep --methods byol --set epochs=two  | [sweep] epochs must be a whole number below 2^31; got --set epochs=two
          sweep --methods byol --set predictor=x | [sweep] predictor must be true or false; got --set predictor=x
          sweep --methods byol --set stem=big    | [sweep] stem must be one of
          sweep --methods byol --set seed=3      | [sweep] seed is an option of its own; got --set seed=3; use --seeds
          sweep --methods byol --set swav.temperature=1 | [sweep] --set names a method that is not in the sweep
          sweep --methods byol,swav --set tau-base=1    | [sweep] swav has no setting 'tau-base'
          sweep --methods byol --set epochs=-1   | [sweep] byol-seed0 cannot run: [config] epochs must be at least 0; got -1
          sweep --methods byol --set batch-size=5000    | [sweep] byol-seed0 cannot run: [loader] batch size must be
          sweep --methods byol,dino --set dino.view2-crop-size=14 | [sweep] dino-seed0 cannot run: [config] the networks cannot take views
          sweep --methods byol --preset big      | unknown preset 'big'
          sweep --methods byol --data cifar10 --data-dir /nowhere | /nowhere
          compare /nowhere                       | there is no such folder
          record                                 | [record] needs runs to record, or --markdown
          record /nowhere                        | [record] a run must be finished; got /nowhere
          record runs --claim what               | [record] --claim, --variant and --place belong together; got no variant
          record --markdown --to /nowhere        | [record] nothing is recorded in /nowhere
          eval --run /nowhere                    | there is no such folder
          eval nearest                           | Invalid value
          report /nowhere                        | /nowhere
          list nothing                           | Invalid value
          """)
  void messages(String line, String message) {
    Path out = folder.resolve("out");
    String[] args = line.strip().split(" ");
    if (line.matches("(pretrain [a-z0-9-]+|sweep) +--.*") && !line.contains("--resume")) {
      args = java.util.Arrays.copyOf(args, args.length + 2);
      args[args.length - 2] = "--out";
      args[args.length - 1] = out.toString();
    }
    refused(message, args);
    assertFalse(Files.exists(out), "something was left behind");
  }

  /// Settings of every method whose name ends in one of `ends`.
  private static Stream<Arguments> settings(List<String> ends) {
    return Methods.all().stream()
        .flatMap(
            method ->
                Stream.of(method.configType().getRecordComponents())
                    .map(component -> component.getName())
                    .filter(
                        name ->
                            ends.stream()
                                .anyMatch(end -> name.toLowerCase(Locale.ROOT).endsWith(end)))
                    .map(name -> Arguments.of(method.name(), name)));
  }

  private static String snake(String name) {
    return name.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
  }

  static Stream<Arguments> temperatures() {
    return settings(List.of("temperature", "temperaturestart"));
  }

  /// No method divides by a temperature of 0, or less.
  @ParameterizedTest
  @MethodSource("temperatures")
  void everyTemperature(String method, String setting) {
    String name = snake(setting);
    for (String value : List.of("0", "-0.1", "NaN")) {
      refused(
          "[config] %s must be a number above 0; got %s"
              .formatted(name, value.equals("0") ? "0.0" : value),
          "pretrain",
          method,
          "--" + name.replace('_', '-'),
          value,
          "--out",
          folder.resolve("out").toString());
    }
    assertFalse(Files.exists(folder.resolve("out")), "something was left behind");
  }

  static Stream<Arguments> clusters() {
    return Stream.of(
        Arguments.of("swav", "prototypes"),
        Arguments.of("deepcluster-v2", "prototypes"),
        Arguments.of("sela-v2", "prototypes"),
        Arguments.of("dino", "outputs"),
        Arguments.of("twist", "classes"));
  }

  /// Fewer clusters than classes cannot be compared with them.
  @ParameterizedTest
  @MethodSource("clusters")
  void fewerClustersThanClasses(String method, String setting) {
    refused(
        "[config] "
            + setting
            + " must be at least the 10 classes of the data, which its clusters are compared with;"
            + " got 9",
        "pretrain",
        method,
        "--" + setting,
        "9");
  }

  static Stream<Arguments> queues() {
    return settings(List.of("queue", "queuelength"));
  }

  /// A queue holds whole batches.
  @ParameterizedTest
  @MethodSource("queues")
  void everyQueue(String method, String setting) {
    refused(
        "must hold a multiple of the 48 embeddings of a step; got 100; take ",
        "pretrain",
        method,
        "--batch-size",
        "48",
        "--" + snake(setting).replace('_', '-'),
        "100");
  }

  /// Views of which no patch can be cut.
  @ParameterizedTest
  @CsvSource({
    "mocov3, --patch 14 --crop-size 8, 8x8, 14",
    "dino, --patch 14 --view2-crop-size 8, 8x8, 14",
    "byol, --patch 14 --view2-crop-size 10, 10x10, 14"
  })
  void viewsSmallerThanThePatch(String method, String flags, String size, int patch) {
    Typed typed = Typed.run(("pretrain " + method + " --model vit-nano " + flags).split(" "));
    assertEquals(2, typed.status(), typed.err());
    assertTrue(typed.err().contains(size), typed.err());
    assertTrue(
        typed.err().contains("the patch size must divide the image; got patch " + patch),
        typed.err());
    assertTrue(typed.err().contains("choose another patch size or crop size"), typed.err());
  }

  @Test
  void anUnknownKeyOfAFile() throws IOException {
    Path file = Files.writeString(folder.resolve("c.json"), "{\"train\": {\"epoch\": 3}}");
    refused("did you mean 'epochs'?", "pretrain", "byol", "--config", file.toString());
  }

  @Test
  void debugShowsTheStackTrace() {
    Typed typed = Typed.run("pretrain", "byol", "--base-lr", "-1", "--debug");
    assertEquals(2, typed.status());
    assertTrue(typed.err().contains("\tat ibrik.ssl."), typed.err());
  }

  @Test
  void aRunIsNeverOverwritten() throws IOException {
    Path run = Files.createDirectories(folder.resolve("run"));
    Files.writeString(run.resolve("config.json"), "{\"method\": \"byol\"}");
    refused("already holds a run", "pretrain", "byol", "--out", run.toString());
    assertEquals("{\"method\": \"byol\"}", Files.readString(run.resolve("config.json")));
  }

  /// Labels of another set, or of fewer images.
  @Test
  void labelsThatDoNotBelongToTheImages() throws IOException {
    Path data = Files.createDirectories(folder.resolve("idx"));
    for (String part : new String[] {"train", "t10k"}) {
      Files.write(
          data.resolve(part + "-images-idx3-ubyte"),
          new byte[] {0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 7, 9});
      Files.write(
          data.resolve(part + "-labels-idx1-ubyte"), new byte[] {0, 0, 8, 1, 0, 0, 0, 3, 0, 1, 2});
    }
    Path out = folder.resolve("out");
    refused(
        "do not belong together",
        "pretrain",
        "byol",
        "--data",
        "idx",
        "--data-dir",
        data.toString(),
        "--out",
        out.toString());
    assertFalse(Files.exists(out), "something was left behind");
  }
}
