package ibrik.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ibrik.tensor.DType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
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
import org.junit.jupiter.api.io.TempDir;

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

  private static final String UNMEASURED = "not on a GPU yet";

  /// As `bench/gpu/headers.py` writes it.
  private static final Pattern MEASURED =
      Pattern.compile(UNMEASURED + "|.+ ms.*; .+, .*, cold, bench/gpu, \\d{4}-\\d\\d-\\d\\d");

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
    return headerOf(CudaSource.read(name), name);
  }

  private static Map<String, String> headerOf(String text, String name) {
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
                      assertTrue(
                          MEASURED.matcher(header.get("measured").strip()).matches(),
                          "measured must say what, on which device, and when, or '"
                              + UNMEASURED
                              + "'; got "
                              + header.get("measured"));
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

  /// What a run on a GPU writes is put into the headers, and nothing else changes.
  @Test
  void measurementsAreWrittenIntoHeaders(@TempDir Path folder) throws Exception {
    Path script = Path.of("..", "..", "bench", "gpu", "headers.py").toAbsolutePath().normalize();
    Path copy = folder.resolve("cuda");
    try (Stream<Path> all = Files.walk(SOURCES)) {
      for (Path file : all.toList()) {
        Files.copy(file, copy.resolve(SOURCES.relativize(file).toString()));
      }
    }
    String row =
        "{'file': '%s', 'bench': '%s', 'size': '%s', 'mode': '%s', 'ours_ms': %s, 'gbyte_per_s':"
            + " 4400.5, 'percent_of_copy': 97.31}";
    String rows =
        String.join(
            ",",
            row.formatted("update/update.cu", "ema", "64M", "cold", "0.1812"),
            row.formatted("update/update.cu", "ema", "64M", "hot", "0.9"),
            row.formatted("update/update.cu", "sgd", "64M", "cold", "0.3"),
            row.formatted("linear/mat_mul.cu", "mat_mul f32", "4096", "cold", "0.3"));
    Path document =
        Files.writeString(
            folder.resolve("kernels.json"),
            ("{'gpu': 'NVIDIA H200', 'cuda': '1 x NVIDIA H200, driver for CUDA 13.0, NVRTC 13.0',"
                    + " 'date': '2026-12-01', 'rows': ["
                    + rows
                    + "]}")
                .replace('\'', '"'));
    Process python;
    try {
      python =
          new ProcessBuilder(
                  "python3", script + "", "--kernels", document + "", "--sources", copy + "")
              .redirectErrorStream(true)
              .start();
    } catch (IOException absent) {
      assumeTrue(false, "no python3 on PATH");
      return;
    }
    String said = new String(python.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, python.waitFor(), said);
    for (CudaFile file : CudaFiles.ALL) {
      String name = file.source().name();
      String before = Files.readString(SOURCES.resolve(name));
      String after = Files.readString(copy.resolve(name));
      if (!name.equals("update/update.cu")) { // no row, or one that a library did
        assertEquals(before, after, name);
        continue;
      }
      Map<String, String> header = headerOf(after, name);
      assertEquals(
          "ema 64M: 0.1812 ms, 4400 GB/s = 97.3 % of copies; sgd 64M: 0.3 ms, 4400 GB/s = 97.3 % of"
              + " copies; NVIDIA H200, 1 x NVIDIA H200, driver for CUDA 13.0, NVRTC 13.0, cold,"
              + " bench/gpu, 2026-12-01",
          header.remove("measured").strip());
      Map<String, String> old = headerOf(before, name);
      old.remove("measured");
      assertEquals(old, header);
      assertEquals(code(before), code(after));
      assertTrue(after.lines().takeWhile(l -> !l.contains("*/")).allMatch(l -> l.length() <= 120));
    }
    assertTrue(said.contains("activation/gelu.cu: nothing was measured"), said);
  }

  private static String code(String text) {
    return text.substring(text.indexOf("*/"));
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
