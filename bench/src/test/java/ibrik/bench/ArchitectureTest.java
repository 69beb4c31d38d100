package ibrik.bench;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import ibrik.tensor.Tensor;
import ibrik.tensor.op.Op;
import java.lang.reflect.Field;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// What may depend on what, over the compiled classes of all modules.
class ArchitectureTest {
  /// Annotations; nothing of them is needed when the program runs.
  private static final String[] ANNOTATIONS = {
    "org.jspecify.annotations..", "com.google.errorprone.annotations.."
  };

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          // The test-jar of autograd lies on the class path as a jar.
          .withImportOption(location -> !location.contains("ibrik/spec"))
          .withImportOption(location -> !location.contains("-tests.jar"))
          .importPackages("ibrik");

  private static final DescribedPredicate<JavaClass> OF_JAVA_BASE =
      DescribedPredicate.describe(
          "a class of java.base",
          type -> {
            JavaClass element = type.getBaseComponentType();
            return element.isPrimitive()
                || Object.class.getModule().getPackages().contains(element.getPackageName());
          });

  private static DescribedPredicate<JavaClass> in(String... packages) {
    return JavaClass.Predicates.resideInAnyPackage(packages);
  }

  /// Classes of `module` know the given packages of this project, and no others.
  private static ArchRule knowsOnly(String module, String... others) {
    String[] allowed = Arrays.copyOf(others, others.length + 1);
    allowed[others.length] = module;
    return noClasses()
        .that()
        .resideInAPackage(module)
        .should()
        .dependOnClassesThat(
            in("ibrik..")
                .and(DescribedPredicate.not(in(allowed)))
                .as("in another module than " + String.join(", ", allowed)));
  }

  @Test
  void allModulesAreSeen() {
    Set<String> modules =
        CLASSES.stream()
            .map(type -> type.getPackageName().split("\\.")[1])
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(Set.of("autograd", "bench", "kernels", "nn", "ssl", "tensor"), modules);
  }

  @Test
  void dependenciesPointOneWay() {
    knowsOnly("ibrik.tensor..").check(CLASSES);
    knowsOnly("ibrik.autograd..", "ibrik.tensor..").check(CLASSES);
    knowsOnly("ibrik.nn..", "ibrik.tensor..", "ibrik.autograd..").check(CLASSES);
    knowsOnly("ibrik.ssl..", "ibrik.tensor..", "ibrik.autograd..", "ibrik.nn..").check(CLASSES);
    knowsOnly("ibrik.kernels.cpu..", "ibrik.tensor..").check(CLASSES);
    knowsOnly("ibrik.kernels.cuda..", "ibrik.tensor..").check(CLASSES);
  }

  @Test
  void theEngineNeedsTheBaseModuleOnly() {
    for (String module : List.of("ibrik.tensor..", "ibrik.autograd..")) {
      classes()
          .that()
          .resideInAPackage(module)
          .should()
          .onlyDependOnClassesThat(
              OF_JAVA_BASE.or(in("ibrik..")).or(in(ANNOTATIONS)).as("in java.base or in Ibrik"))
          .check(CLASSES);
    }
  }

  @Test
  void theVectorApiStaysInItsPackage() {
    noClasses()
        .that()
        .resideOutsideOfPackage("ibrik.kernels.cpu..")
        .should()
        .dependOnClassesThat(in("jdk.incubator.."))
        .check(CLASSES);
    noClasses()
        .should()
        .dependOnClassesThat(in("sun..", "com.sun..", "jdk.internal.."))
        .check(CLASSES);
  }

  @Test
  void theBindingOfCudaStaysBehindItsDriver() {
    noClasses()
        .that()
        .resideOutsideOfPackage("ibrik.kernels.cuda.driver..")
        .should()
        .dependOnClassesThat(in("jcuda.."))
        .check(CLASSES);
    noClasses()
        .that()
        .resideOutsideOfPackages("ibrik.kernels.cuda", "ibrik.kernels.cuda.driver..")
        .should()
        .dependOnClassesThat(in("ibrik.kernels.cuda.."))
        .check(CLASSES);
  }

  @Test
  void onlyEntryPointsEndTheProgram() {
    DescribedPredicate<JavaClass> entry =
        in("ibrik.ssl.cli..").or(JavaClass.Predicates.simpleName("Main"));
    for (Class<?> owner : List.of(System.class, Runtime.class)) {
      noClasses()
          .that(DescribedPredicate.not(entry).as("no entry point"))
          .should()
          .callMethod(owner, "exit", int.class)
          .check(CLASSES);
    }
    noClasses().should().callMethod(Runtime.class, "halt", int.class).check(CLASSES);
  }

  /// Static fields of these types never change once the class is there.
  private static final Set<String> CONSTANT_TYPES =
      Set.of(
          "java.lang.String",
          "java.lang.ScopedValue",
          "java.lang.System$Logger",
          "java.lang.Class",
          "java.nio.ByteOrder",
          "java.nio.charset.Charset",
          "java.time.Duration",
          "java.util.Locale",
          "java.util.regex.Pattern",
          "jdk.incubator.vector.FloatVector",
          "jdk.incubator.vector.IntVector",
          "jdk.incubator.vector.VectorSpecies",
          "java.time.format.DateTimeFormatter",
          "java.util.Comparator",
          "java.util.HexFormat",
          "java.math.MathContext",
          "java.lang.invoke.MethodHandle",
          "java.lang.invoke.VarHandle",
          // Configured where they are made, then only read.
          "com.fasterxml.jackson.databind.ObjectMapper",
          "com.fasterxml.jackson.databind.json.JsonMapper");

  /// The others, each with the reason why it may stay.
  private static final Map<String, String> STATIC_STATE =
      new TreeMap<>(
          Map.of(
              "ibrik.tensor.TensorScope.CURRENT", "the innermost scope of a thread",
              "ibrik.tensor.Shape.SCALAR", "immutable",
              "ibrik.tensor.op.Tags.TAGS", "derived from the class alone",
              "ibrik.tensor.exec.Eval.INSTANCE", "remembers which fallbacks the log has named",
              "ibrik.tensor.backend.Backends$Found.BY_NAME", "filled once, read-only view",
              "ibrik.kernels.cpu.Scratch.OWN", "work memory of a thread",
              "ibrik.kernels.cpu.ViewMaker.OWN", "work memory of a thread",
              "ibrik.kernels.cpu.Tile.ALL", "a view of all memory, itself without numbers"));

  @Test
  void staticFieldsDoNotChange() {
    Set<String> variable = new TreeSet<>();
    for (JavaClass type : CLASSES) {
      boolean generated = type.getPackageName().endsWith("jmh_generated");
      for (JavaField field : type.getFields()) {
        Set<JavaModifier> modifiers = field.getModifiers();
        if (!generated
            && modifiers.contains(JavaModifier.STATIC)
            && !modifiers.contains(JavaModifier.SYNTHETIC)
            && !(modifiers.contains(JavaModifier.FINAL) && constant(field))) {
          variable.add(field.getFullName());
        }
      }
    }
    assertEquals(
        STATIC_STATE.keySet(),
        variable,
        "static fields that could change (right) must be those listed with a reason (left)");
  }

  private static boolean constant(JavaField field) {
    JavaClass type = field.getRawType();
    return type.isPrimitive()
        || type.isEnum()
        || type.isRecord()
        || CONSTANT_TYPES.contains(type.getName())
        || type.getName().startsWith("java.lang.foreign.ValueLayout")
        // Tables: private, so that one file shows whether anything writes to them.
        || (type.isArray() && field.getModifiers().contains(JavaModifier.PRIVATE))
        || holdsAnImmutableCollection(field);
  }

  /// Whether the value came from `List.of`, `Set.of`, `Map.of` or `copyOf`.
  private static boolean holdsAnImmutableCollection(JavaField field) {
    if (!field.getRawType().getPackageName().equals("java.util")) {
      return false;
    }
    try {
      Field value = field.reflect();
      value.setAccessible(true);
      Object held = value.get(null);
      return held != null
          && held.getClass().getName().startsWith("java.util.ImmutableCollections$");
    } catch (IllegalAccessException closed) {
      throw new AssertionError(closed);
    }
  }

  @Test
  void opsHoldNoTensors() {
    ArchCondition<JavaClass> holdATensor =
        new ArchCondition<>("hold a tensor") {
          @Override
          public void check(JavaClass type, ConditionEvents events) {
            for (JavaField field : type.getFields()) {
              if (field.getAllInvolvedRawTypes().stream()
                  .anyMatch(part -> part.isEquivalentTo(Tensor.class))) {
                events.add(SimpleConditionEvent.satisfied(type, field.getFullName()));
              }
            }
          }
        };
    noClasses().that().implement(Op.class).should(holdATensor).check(CLASSES);
  }
}
