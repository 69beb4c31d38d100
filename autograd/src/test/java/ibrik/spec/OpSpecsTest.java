package ibrik.spec;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ibrik.spec.Input.Kind;
import ibrik.tensor.DType;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.op.Binary;
import ibrik.tensor.op.Create;
import ibrik.tensor.op.Normalize;
import ibrik.tensor.op.Redundancy;
import ibrik.tensor.op.Similarity;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// The samples reach the ends: nothing and one.
class OpSpecsTest {
  /// There are no statistics over no elements, no mean magnitude and no variance: the shape rule
  /// refuses them.
  private static final Set<Class<?>> NEVER_EMPTY =
      Set.of(
          Normalize.BatchNorm.class,
          Normalize.BatchNormBackward.class,
          Normalize.BatchNormRelu.class,
          Normalize.BatchNormReluBackward.class,
          Binary.BinarizeWeights.class,
          Binary.BinarizeWeightsBackward.class,
          Redundancy.BarlowTwins.class,
          Redundancy.BarlowTwinsBackward.class,
          Redundancy.VicregVariance.class,
          Redundancy.VicregVarianceBackward.class,
          Redundancy.VicregCovariance.class,
          Redundancy.VicregCovarianceBackward.class);

  /// The two views of one image are two rows, and so are the losses; an unbiased variance asks for
  /// two rows.
  private static final Set<Class<?>> NEVER_ONE =
      Set.of(
          Similarity.NtXent.class,
          Similarity.NtXentBackward.class,
          Redundancy.VicregVariance.class,
          Redundancy.VicregVarianceBackward.class,
          Redundancy.VicregCovariance.class,
          Redundancy.VicregCovarianceBackward.class);

  private static Set<String> names(Set<Class<?>> ops) {
    return ops.stream().map(Class::getSimpleName).collect(Collectors.toCollection(TreeSet::new));
  }

  private static List<TensorSpec> outputs(OpSpec spec) {
    return spec.op()
        .infer(
            spec.inputs().stream()
                .map(i -> new TensorSpec(i.dtype(DType.F32), i.shape()))
                .toList());
  }

  private static Set<String> without(Predicate<OpSpec> sample) {
    Set<String> names =
        OpSpecs.all().stream()
            .map(spec -> spec.op().getClass().getSimpleName())
            .collect(Collectors.toCollection(TreeSet::new));
    OpSpecs.all().stream()
        .filter(sample)
        .forEach(spec -> names.remove(spec.op().getClass().getSimpleName()));
    return names;
  }

  @Test
  void everyOpHasAnEmptySample() {
    assertEquals(
        names(NEVER_EMPTY),
        without(
            s ->
                s.inputs().stream().anyMatch(in -> in.shape().elems() == 0)
                    || outputs(s).stream().anyMatch(out -> out.elems() == 0)));
  }

  @Test
  void everyOpHasASampleOfOneElement() {
    assertEquals(
        names(NEVER_ONE),
        without(
            s ->
                outputs(s).stream().allMatch(out -> out.elems() == 1)
                    && s.inputs().stream()
                        .allMatch(
                            in ->
                                in.kind() == Kind.KEY
                                    || in.kind() == Kind.VIEW
                                    || in.shape().elems() == 1)));
  }

  @Test
  void everyOpWithInputsHasASampleOfOddSize() {
    assertEquals(
        Set.of(),
        without(
            s ->
                s.op() instanceof Create
                    || s.inputs().stream()
                        .anyMatch(in -> in.shape().elems() > 1 && in.shape().elems() % 2 == 1)
                    || outputs(s).stream().anyMatch(o -> o.elems() > 1 && o.elems() % 2 == 1)));
  }
}
