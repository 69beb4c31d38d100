package ibrik.kernels.cuda.emulation;

import ibrik.kernels.cuda.driver.CompileException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Compiles a `.cu` text to a shared library with g++. After g++'s own preprocessor the words that
/// only CUDA knows are rewritten: kernels get a twin that takes its arguments as the driver does,
/// and shared variables are filled with NaN when a block first meets them. Libraries are kept by
/// the hash of all that went in.
final class EmulatedCompiler {
  private static final List<String> FLAGS =
      List.of(
          "-std=c++17",
          "-O1",
          "-fPIC",
          "-shared",
          "-fwrapv",
          "-fno-strict-aliasing",
          "-fno-gnu-unique", // or libraries share the variables of templates that are named alike
          "-ffp-contract=off",
          "-Wall",
          "-Wno-unknown-pragmas",
          "-Wno-unused-function",
          "-Wno-unused-variable",
          "-Wno-array-bounds");

  private static final Pattern KERNEL = Pattern.compile("__global__\\s+void\\s+(\\w+)\\s*\\(");
  private static final Pattern DYNAMIC =
      Pattern.compile(
          "extern\\s+__shared__\\s+(?:alignas\\(\\d+\\)\\s*)?([\\w\\s:<>]+?)\\s+(\\w+)\\[\\s*\\]\\s*;");
  private static final Pattern SHARED =
      Pattern.compile("__shared__\\s+([^;=]*?)(\\w+)((?:\\s*\\[[^;\\[]*\\])*)\\s*;");

  private final Path folder;
  private final Path runtime;
  private final String header;
  private final Map<String, CompileException> refused = new ConcurrentHashMap<>();

  EmulatedCompiler(Path folder) {
    this.folder = folder.toAbsolutePath();
    this.header = resource("emu.h");
    String source = resource("emu.cpp");
    try {
      Files.createDirectories(this.folder);
      Path include = this.folder.resolve("emu-" + hash(header) + ".h");
      write(include, header);
      write(this.folder.resolve("emu.h"), header);
      List<String> flags = List.of("-std=c++17", "-O2", "-fPIC", "-shared", "-Wall");
      runtime = library("runtime", source, flags, source + header + flags);
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  /// The library all others stand on.
  Path runtime() {
    return runtime;
  }

  /// The library for `source`.
  Path compile(String source, String name, List<String> options) {
    List<String> defines = options.stream().filter(option -> option.startsWith("-D")).toList();
    String key = runtime + name + source + defines + FLAGS;
    Path known = place(name, key);
    CompileException before = refused.get(key);
    if (before != null) {
      throw before;
    }
    try {
      if (Files.exists(known)) {
        return known;
      }
      List<String> preprocess = new ArrayList<>(List.of("g++", "-E", "-std=c++17", "-x", "c++"));
      preprocess.addAll(defines);
      preprocess.addAll(List.of("-include", folder.resolve("emu.h").toString(), "-"));
      String text = rewrite(execute(preprocess, "#line 1 \"" + name + "\"\n" + source, name));
      List<String> flags = new ArrayList<>(FLAGS);
      return library(name, text, flags, key);
    } catch (CompileException wrong) {
      refused.put(key, wrong);
      throw wrong;
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  /// The twin of each kernel; shared memory that is met with NaN in it.
  static String rewrite(String preprocessed) {
    String text = DYNAMIC.matcher(preprocessed).replaceAll("$1 *$2 = ($1 *)emu_dynamic_shared();");
    text = SHARED.matcher(text).replaceAll("static $1$2$3; emu_shared(&$2, sizeof $2);");
    StringBuilder twins = new StringBuilder(KERNEL.matcher(text).replaceAll("void $1("));
    Matcher kernels = KERNEL.matcher(text);
    TreeSet<String> names = new TreeSet<>();
    while (kernels.find()) {
      names.add(kernels.group(1));
    }
    for (String kernel : names) {
      twins.append(
          "\nextern \"C\" void emu_kernel_%1$s(void **arguments) { emu_call(&%1$s, arguments); }"
              .formatted(kernel));
    }
    return twins.append('\n').toString();
  }

  private Path library(String name, String text, List<String> flags, String key)
      throws IOException {
    Path target = place(name, key);
    if (Files.exists(target)) {
      return target;
    }
    Path made = Files.createTempFile(folder, "made", ".so");
    List<String> command = new ArrayList<>(List.of("g++"));
    command.addAll(flags);
    command.addAll(List.of("-x", "c++", "-I", folder.toString(), "-", "-o", made.toString()));
    if (!name.equals("runtime")) {
      command.addAll(List.of("-x", "none", runtime.toString()));
    }
    try {
      execute(command, text, name);
      Files.move(made, target, StandardCopyOption.ATOMIC_MOVE); // two processes may race
    } finally {
      Files.deleteIfExists(made);
    }
    return target;
  }

  private Path place(String name, String key) {
    return folder.resolve(name.replaceAll("\\W", "_") + "-" + hash(key) + ".so");
  }

  private static String execute(List<String> command, String input, String name)
      throws IOException {
    Path errors = Files.createTempFile("emulation", ".log");
    try {
      Process process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
      try (var to = process.getOutputStream()) {
        to.write(input.getBytes(StandardCharsets.UTF_8));
      } catch (IOException ended) {
        // What it did not read it did not want; its words say why.
      }
      String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int status = process.waitFor();
      if (status != 0) {
        throw new CompileException(name, Files.readString(errors));
      }
      return out;
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(stopped);
    } finally {
      Files.deleteIfExists(errors);
    }
  }

  private static void write(Path file, String text) throws IOException {
    if (!Files.exists(file) || !Files.readString(file).equals(text)) {
      Path made = Files.createTempFile(file.getParent(), "made", ".h");
      Files.writeString(made, text);
      Files.move(made, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private static String hash(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, 10);
    } catch (NoSuchAlgorithmException absent) {
      throw new IllegalStateException(absent);
    }
  }

  private static String resource(String name) {
    try (InputStream file = EmulatedCompiler.class.getResourceAsStream(name)) {
      return new String(file.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  /// Why nothing can be emulated here, or `null`.
  static String refusal() {
    String system = System.getProperty("os.name") + " " + System.getProperty("os.arch");
    if (!system.equals("Linux amd64")) {
      return "the emulation of CUDA runs on Linux on x86-64; this is " + system;
    }
    try {
      Process process = new ProcessBuilder("g++", "-dumpversion").redirectErrorStream(true).start();
      String said = process.inputReader().lines().collect(Collectors.joining(" "));
      return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0
          ? null
          : "g++ answers: " + said;
    } catch (IOException absent) {
      return "no g++ on PATH: install it to test the CUDA kernels without a GPU";
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      return "interrupted";
    }
  }
}
