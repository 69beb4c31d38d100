package ibrik.ssl.data;

import static ibrik.ssl.data.Pictures.dataError;
import static ibrik.ssl.data.Pictures.message;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DataSetsTest {
  @TempDir Path dir;

  private static DataSet open(String name, @Nullable Path dir) {
    return DataSets.open(new DataSets.Request(name, dir, false, 0));
  }

  @Test
  void all() {
    assertEquals(
        List.of("fashion", "cells", "cifar10", "idx", "folder"),
        DataSets.all().stream().map(DataSets.Source::name).toList());
    assertEquals(
        List.of(true, true, false, false, false),
        DataSets.all().stream().map(DataSets.Source::embedded).toList());
    assertTrue(DataSets.all().stream().noneMatch(source -> source.summary().isBlank()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"fashion", "cells"})
  void embedded(String name) {
    DataSet data = open(name, null);
    assertEquals(name, data.name());
    assertEquals(List.of(), data.notes());
    DataSet large = DataSets.open(new DataSets.Request(name, null, true, 48));
    assertEquals(48, large.height());
    assertEquals(48, large.width());
    assertEquals(data.train().size(), large.train().size());
    assertEquals(
        "data set " + name + " is embedded and needs no folder; got x; leave out --data-dir",
        message(IllegalArgumentException.class, () -> open(name, Path.of("x"))));
  }

  @ParameterizedTest
  @ValueSource(strings = {"cifar10", "idx", "folder"})
  void folders(String name) {
    assertEquals(
        "data set " + name + " needs a folder: give --data-dir DIR or set IBRIK_DATA",
        message(IllegalArgumentException.class, () -> open(name, null)));
    Path none = dir.resolve("none");
    assertEquals(
        "data set " + name + ": folder " + none + " does not exist",
        dataError(() -> open(name, none)));
    Path file = dir.resolve("file");
    Pictures.write(file, new byte[1]);
    assertEquals(
        "data set " + name + ": " + file + " is a file, not a folder",
        dataError(() -> open(name, file)));
  }

  @Test
  void unknownNames() {
    assertEquals(
        "there is no data set cifra10; known are fashion, cells, cifar10, idx, folder;"
            + " did you mean cifar10?",
        message(IllegalArgumentException.class, () -> open("cifra10", null)));
    assertEquals(
        "there is no data set imagenet; known are fashion, cells, cifar10, idx, folder",
        message(IllegalArgumentException.class, () -> open("imagenet", dir)));
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 4097, Integer.MIN_VALUE, Integer.MAX_VALUE})
  void imageSize(int size) {
    assertEquals(
        "[data] image size must be between 1 and 4096 pixels, or 0 for that of the data; got "
            + size,
        message(
            IllegalArgumentException.class,
            () -> new DataSets.Request("fashion", null, false, size)));
  }

  @Test
  void locate() throws IOException {
    Path own = Files.createDirectory(dir.resolve("cifar10"));
    Pictures.write(dir.resolve("idx"), new byte[1]);
    String environment = dir.toString();
    Path given = Path.of("given");
    assertEquals(own, DataSets.locate("cifar10", null, environment));
    assertEquals(dir, DataSets.locate("folder", null, environment), "no sub folder");
    assertEquals(dir, DataSets.locate("idx", null, environment), "a file is no folder");
    assertEquals(given, DataSets.locate("cifar10", given, environment));
    assertEquals(given, DataSets.locate("fashion", given, environment), "open refuses it");
    assertNull(DataSets.locate("fashion", null, environment));
    assertNull(DataSets.locate("cells", null, environment));
    assertNull(DataSets.locate("cifar10", null, null));
    assertNull(DataSets.locate("cifar10", null, "  "));
    assertEquals(
        "[data] IBRIK_DATA must be a folder; got a\0b",
        message(IllegalArgumentException.class, () -> DataSets.locate("idx", null, "a\0b")));
  }
}
