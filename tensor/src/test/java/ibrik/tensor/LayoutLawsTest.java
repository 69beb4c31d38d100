package ibrik.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterProperty;

/// Laws of moving elements, for any shape.
class LayoutLawsTest {
  @AfterProperty
  void nothingLeaked() {
    NoLeaks.check();
  }

  @Provide
  Arbitrary<Shape> shapes() {
    return Arbitraries.longs().between(0, 4).list().ofMinSize(1).ofMaxSize(4).map(Shape::of);
  }

  private static Tensor counting(Shape shape) {
    return Tensors.iota(shape.elems(), DType.I32, Device.CPU).reshape(shape);
  }

  @Property(tries = 100)
  void reshapeKeepsTheOrder(@ForAll("shapes") Shape shape) {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = counting(shape);
      assertArrayEquals(x.toInts(), x.reshape(-1).toInts());
      assertEquals(shape, x.reshape(-1).reshape(shape).shape());
    }
  }

  @Property(tries = 100)
  void slicesJoinToTheWhole(@ForAll("shapes") Shape shape, @ForAll int random) {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = counting(shape);
      int axis = Math.floorMod(random, shape.rank());
      long cut = Math.floorMod(random / 7, shape.dim(axis) + 1);
      Tensor left = x.narrow(axis, 0, cut);
      Tensor right = x.narrow(axis, cut, shape.dim(axis) - cut);
      Tensor joined = LayoutOps.concat(axis, List.of(left, right));
      assertEquals(shape, joined.shape());
      assertArrayEquals(x.toInts(), joined.toInts());
    }
  }

  @Property(tries = 100)
  void aTransposeIsUndoneByItsInverse(@ForAll("shapes") Shape shape, @ForAll long seed) {
    try (TensorScope _ = TensorScope.open()) {
      List<Integer> order = new ArrayList<>(IntStream.range(0, shape.rank()).boxed().toList());
      Collections.shuffle(order, new Random(seed));
      Integer[] there = order.toArray(Integer[]::new);
      Integer[] back =
          IntStream.range(0, shape.rank()).mapToObj(order::indexOf).toArray(Integer[]::new);
      Tensor x = counting(shape);
      Tensor again = x.transpose(there).transpose(back);
      assertEquals(shape, again.shape());
      assertArrayEquals(x.toInts(), again.toInts());
    }
  }

  @Property(tries = 100)
  void paddingIsCutOffByASlice(@ForAll("shapes") Shape shape, @ForAll int random) {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = counting(shape);
      int axis = Math.floorMod(random, shape.rank());
      Tensor padded = x.pad(axis, 2, 1);
      assertEquals(shape.with(axis, shape.dim(axis) + 3), padded.shape());
      assertArrayEquals(x.toInts(), padded.narrow(axis, 2, shape.dim(axis)).toInts());
      assertEquals(x.sum().item(), padded.sum().item(), "padding is zero");
    }
  }
}
