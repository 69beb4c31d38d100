package ibrik.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import ibrik.spec.OpSpec;
import ibrik.spec.OpSpecs;
import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.backend.Backend;
import ibrik.tensor.backend.Backends;
import ibrik.tensor.op.Composite;
import ibrik.tensor.op.Create;
import ibrik.tensor.op.CustomOp;
import ibrik.tensor.op.Op;
import ibrik.tensor.op.RandomOp;
import ibrik.tensor.op.Update;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// Every op is found in its places, under one stem: record, method, gradient rule, meaning, spec,
/// and, where they exist, SIMD kernel and benchmark. The whole table is written to
/// `bench/target/ops.txt`.
class OpPlacesTest {
  private static final Path TABLE = Path.of("target", "ops.txt");

  /// What each class of the project names.
  private static final Map<String, Set<String>> MENTIONED = mentioned();

  /// Methods that do not have the stem of their record.
  private static final Map<String, String> OTHER_NAMES =
      new TreeMap<>(
          Map.of(
              "Offset", "add",
              "Scale", "mul",
              "Compare", "equal",
              "ToDevice", "to",
              "Fill", "full"));

  private static List<Class<?>> ops() {
    List<Class<?>> leaves = new ArrayList<>();
    collect(Op.class, leaves);
    return leaves;
  }

  private static void collect(Class<?> type, List<Class<?>> leaves) {
    if (type == CustomOp.class) {
      return;
    }
    if (type.isSealed()) {
      for (Class<?> one : type.getPermittedSubclasses()) {
        collect(one, leaves);
      }
    } else {
      leaves.add(type);
    }
  }

  /// The direct child of [Op] that holds `type`.
  private static String family(Class<?> type) {
    return type.getEnclosingClass().getSimpleName();
  }

  private static Map<String, Set<String>> mentioned() {
    Map<String, Set<String>> all = new TreeMap<>();
    for (JavaClass type :
        new ClassFileImporter()
            .importPackages(
                "ibrik.tensor",
                "ibrik.autograd",
                "ibrik.nn",
                "ibrik.ssl",
                "ibrik.kernels",
                "ibrik.bench")) {
      boolean test = type.getName().matches(".*Test(\\$.*)?");
      if (!test) {
        all.put(type.getName(), Mentions.of(type.reflect()));
      }
    }
    return all;
  }

  /// Whether a class whose name passes names `op`.
  private static boolean mentioned(Class<?> op, Predicate<String> where) {
    return MENTIONED.entrySet().stream()
        .anyMatch(entry -> where.test(entry.getKey()) && entry.getValue().contains(op.getName()));
  }

  private static boolean family(String name, String packageName, Class<?> op, String suffix) {
    String wanted = packageName + "." + family(op).replaceFirst("Op$", "") + suffix;
    return name.equals(wanted) || name.startsWith(wanted + "$");
  }

  private static boolean hasMeaning(Class<?> op) {
    return Composite.class.isAssignableFrom(op)
        || mentioned(op, name -> family(name, "ibrik.tensor.reference", op, "Reference"))
        // Free views: no kernel runs.
        || mentioned(op, "ibrik.tensor.exec.Route"::equals);
  }

  private static boolean hasGradient(Class<?> op) {
    return mentioned(op, name -> family(name, "ibrik.autograd", op, "Vjp"));
  }

  /// Nothing differentiable goes into a source, and a tape refuses updates.
  private static boolean needsGradient(Class<?> op) {
    return !Create.class.isAssignableFrom(op)
        && !RandomOp.class.isAssignableFrom(op)
        && !Update.class.isAssignableFrom(op);
  }

  private static boolean isUsed(Class<?> op) {
    return mentioned(
        op,
        name ->
            !name.startsWith("ibrik.tensor.op.")
                && !name.startsWith("ibrik.tensor.reference.")
                && !name.startsWith("ibrik.tensor.exec.")
                && !name.startsWith("ibrik.kernels.")
                && !name.startsWith("ibrik.bench."));
  }

  /// The method a user calls, if the op is more than the gradient of another.
  private static boolean hasMethod(Class<?> op) {
    String stem = op.getSimpleName();
    stem = stem.startsWith("Random") ? stem.substring("Random".length()) : stem;
    stem = OTHER_NAMES.getOrDefault(stem, stem);
    Set<String> names = new HashSet<>();
    for (Class<?> type : api()) {
      for (var method : type.getDeclaredMethods()) {
        names.add(method.getName().toLowerCase(Locale.ROOT));
      }
    }
    return names.contains(stem.toLowerCase(Locale.ROOT));
  }

  private static List<Class<?>> api() {
    List<Class<?>> types = new ArrayList<>(List.of(Tensor.class.getInterfaces()));
    types.add(Tensor.class);
    types.add(ibrik.tensor.Tensors.class);
    types.add(ibrik.tensor.TensorScope.class);
    return types;
  }

  private static Set<Class<?>> withSpec() {
    return OpSpecs.all().stream().map(OpSpec::op).map(Object::getClass).collect(Collectors.toSet());
  }

  /// Whether the cpu backend has a kernel for a sample in f32; update ops have no samples.
  private static boolean hasCpuKernel(Class<?> op) {
    Backend cpu = Backends.of(Device.CPU);
    for (OpSpec spec : OpSpecs.all()) {
      List<TensorSpec> in =
          spec.inputs().stream().map(i -> new TensorSpec(i.dtype(DType.F32), i.shape())).toList();
      if (spec.op().getClass() == op && cpu.kernel(spec.op(), in) != null) {
        return true;
      }
    }
    return Update.class.isAssignableFrom(op)
        && mentioned(op, "ibrik.kernels.cpu.UpdateCpu"::equals);
  }

  private static boolean hasBenchmark(Class<?> op) {
    return mentioned(op, name -> name.matches("ibrik\\.bench\\.\\w+Bench"));
  }

  private static Set<String> names(Predicate<Class<?>> which) {
    return ops().stream()
        .filter(which)
        .map(Class::getSimpleName)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void everyOpIsARecordOfAttributes() {
    assertEquals(Set.of(), names(op -> !op.isRecord()));
    assertTrue(ops().size() > 60, () -> "only " + ops().size() + " ops were found");
  }

  @Test
  void everyOpHasASpec() {
    Set<Class<?>> specs = withSpec();
    assertEquals(Set.of(), names(op -> !specs.contains(op) && !Update.class.isAssignableFrom(op)));
  }

  @Test
  void everyOpHasAGradientRule() {
    assertEquals(Set.of(), names(op -> needsGradient(op) && !hasGradient(op)));
  }

  @Test
  void everyOpHasAMeaning() {
    assertEquals(Set.of(), names(op -> !hasMeaning(op)));
  }

  @Test
  void everyOpIsReachable() {
    assertEquals(Set.of(), names(op -> !isUsed(op)), "ops that nothing applies");
    assertEquals(
        Set.of(),
        names(
            op ->
                !hasMethod(op)
                    && !Update.class.isAssignableFrom(op)
                    // Parts of gradients: applied by the rules.
                    && !op.getSimpleName().matches(".*(Backward|Gather).*")),
        "ops without a method of their stem");
  }

  @Test
  void everyKernelHasABenchmark() {
    assertEquals(Set.of(), names(op -> hasCpuKernel(op) && !hasBenchmark(op)));
  }

  @Test
  void tagsAreUnique() {
    Set<String> seen = new HashSet<>();
    assertEquals(Set.of(), names(op -> !seen.add(op.getSimpleName())));
  }

  @Test
  void theTableIsWritten() throws IOException {
    Set<Class<?>> specs = withSpec();
    StringBuilder table = new StringBuilder();
    table.append(
        String.format(
            "%-28s %-12s %-6s %-8s %-9s %-4s %-4s %-5s%n",
            "op", "family", "method", "gradient", "meaning", "spec", "cpu", "bench"));
    for (Class<?> op : ops()) {
      boolean composed = Composite.class.isAssignableFrom(op);
      table.append(
          String.format(
              "%-28s %-12s %-6s %-8s %-9s %-4s %-4s %-5s%n",
              op.getSimpleName(),
              family(op),
              mark(hasMethod(op)),
              needsGradient(op) ? mark(hasGradient(op)) : "none",
              hasMeaning(op) ? composed ? "composed" : "scalar" : "-",
              mark(specs.contains(op)),
              mark(hasCpuKernel(op)),
              mark(hasBenchmark(op))));
    }
    Files.createDirectories(TABLE.toAbsolutePath().getParent());
    Files.writeString(TABLE, table);
    assertEquals(ops().size() + 1, Files.readAllLines(TABLE).size());
    assertTrue(
        table
            .toString()
            .lines()
            .anyMatch(line -> line.matches("MatMul +Linear +(yes +){2}scalar +(yes *){3}")),
        table::toString);
  }

  private static String mark(boolean present) {
    return present ? "yes" : "-";
  }
}
