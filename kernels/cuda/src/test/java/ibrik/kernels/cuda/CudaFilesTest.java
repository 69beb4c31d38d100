package ibrik.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// The folder of sources, their headers, and the table in Java say the same.
class CudaFilesTest {
  private static final Path SOURCES = Path.of("src", "main", "cuda");
  private static final List<String> KEYS =
      List.of(
          "op",
          "math",
          "shapes",
          "dtypes",
          "traffic",
          "flops",
          "launch",
          "order",
          "variants",
          "measured");

  @Test
  void everyFileHasItsRow() throws IOException {
    Set<String> files;
    try (Stream<Path> all = Files.walk(SOURCES)) {
      files =
          all.filter(path -> path.toString().endsWith(".cu"))
              .map(path -> SOURCES.relativize(path).toString())
              .collect(Collectors.toCollection(TreeSet::new));
    }
    Set<String> rows =
        CudaFiles.ALL.stream()
            .map(file -> file.source().name())
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(files, rows, "files (left) and rows of CudaFiles (right)");
    assertEquals(rows.size(), CudaFiles.ALL.size(), "no row twice");
  }

  /// `key` of each line of the header that starts with one, and what it says.
  static Map<String, String> header(String name) {
    String text = CudaSource.read(name);
    assertTrue(text.startsWith("/* op "), name + " must begin with its header");
    Map<String, String> header = new TreeMap<>();
    String key = "";
    for (String line : text.substring(0, text.indexOf("*/")).split("\n")) {
      Matcher first = Pattern.compile("^(?:/\\*| \\*) (\\w+)\\s+(.*)$").matcher(line);
      if (first.matches() && line.charAt(3) != ' ') {
        key = first.group(1);
        header.put(key, first.group(2));
      } else {
        header.merge(key, line.substring(2).strip(), (a, b) -> a + " " + b);
      }
    }
    return header;
  }

  @TestFactory
  Stream<DynamicTest> headersAreWhole() {
    return CudaFiles.ALL.stream()
        .map(
            file ->
                DynamicTest.dynamicTest(
                    file.source().name(),
                    () -> {
                      Map<String, String> header = header(file.source().name());
                      assertTrue(
                          header.keySet().containsAll(KEYS),
                          () -> "wanted " + KEYS + ", got " + header.keySet());
                      Matcher block = Pattern.compile("block (\\d+)").matcher(header.get("launch"));
                      assertTrue(block.find(), "launch must say 'block N'");
                      assertEquals(
                          file.threads(),
                          Integer.parseInt(block.group(1)),
                          "threads of a block: row (left), header (right)");
                      assertTrue(file.threads() % 32 == 0 && file.threads() <= 1024, "whole warps");
                      String family = file.source().name().split("/")[0];
                      assertTrue(header.get("op").endsWith("family " + family), header.get("op"));
                    }));
  }

  /// Every file for every element type it says it serves, so that a type no sample reaches
  /// compiles.
  @TestFactory
  Stream<DynamicTest> everyTypeCompiles() {
    return CudaFiles.ALL.stream()
        .flatMap(
            file ->
                file.types().stream()
                    .map(
                        type ->
                            DynamicTest.dynamicTest(
                                file.source().name() + " " + type,
                                () -> assertTrue(build(file, type).length > 0))));
  }

  private static byte[] build(CudaFile file, DType type) {
    CudaSource source = typed(file, type);
    return Emulation.gpu().driver().compile(source.text(), source.name(), source.options());
  }

  private static CudaSource typed(CudaFile file, DType type) {
    CudaSource source = file.source();
    for (String macro : file.macros()) {
      source = source.define(macro, type);
    }
    return source;
  }
}
