package ibrik.ssl.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.ssl.config.Schema;
import ibrik.ssl.method.MethodFactory;
import ibrik.ssl.method.Methods;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The commands that only tell something.
class CommandsTest {
  private static String told(String... args) {
    Typed typed = Typed.run(args);
    assertEquals(0, typed.status(), typed.err());
    return typed.out();
  }

  @Test
  void helpHasExamplesEverywhere() {
    assertTrue(told("--help").contains("ibrik pretrain byol "));
    for (String command :
        new String[] {"pretrain", "sweep", "eval", "report", "compare", "record"}) {
      assertTrue(told(command, "--help").contains("Examples:"), command);
    }
  }

  @Test
  void everySettingOfEveryMethodIsAFlag() {
    for (MethodFactory<?> method : Methods.all()) {
      String help = told("pretrain", method.name(), "--help");
      Schema.of(method)
          .settings()
          .forEach(
              setting ->
                  assertTrue(
                      help.contains("--" + setting.flag() + "=")
                          || help.contains("--[no-]" + setting.flag()),
                      method.name() + ": " + setting.flag()));
    }
  }

  @Test
  void argumentsMayStandInAFile(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("arguments"), "pretrain twist --help");
    assertEquals(told("pretrain", "twist", "--help"), told("@" + file));
  }

  @Test
  void listNamesWhatThereIs() {
    String all = told("list");
    Methods.names().forEach(name -> assertTrue(all.contains("  " + name), name));
    assertTrue(told("list", "models").contains("resnet18"));
    assertTrue(told("list", "data").contains("fashion"));
  }

  @Test
  void doctorFindsTheKernels() {
    String found = told("doctor");
    assertTrue(found.contains("a matrix product is right"), found);
    assertTrue(found.contains("4000 + 1000 images, checksums right"), found);
    assertTrue(found.contains("backend cuda"), found);
    assertTrue(found.contains("All is well."), found);
  }

  @Test
  void shellsComplete() {
    String script = told("generate-completion");
    assertTrue(script.contains("--tau-base") && script.contains("pretrain"), "flags of a method");
    assertTrue(script.contains("\"fashion\""), "names of data sets");
    assertTrue(script.contains("\"epochs=\""), "settings of a sweep");
  }

  @Test
  void versions() {
    assertTrue(told("--version").startsWith("ibrik "));
  }

  @Test
  void commandsAreQuotedForTheRecord() {
    assertEquals(
        "ibrik pretrain byol --out 'my runs/1'",
        Main.typed("pretrain", "byol", "--out", "my runs/1"));
  }
}
