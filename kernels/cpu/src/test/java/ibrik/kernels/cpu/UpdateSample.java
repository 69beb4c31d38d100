package ibrik.kernels.cpu;

import ibrik.tensor.op.Update;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/// An update op and what it works on: `groups` lists of vectors (parameters, gradients, moments) of
/// these sizes, then the scalars.
///
/// @param written groups that change
record UpdateSample(
    Update op, int groups, List<Integer> written, List<Float> scalars, List<Integer> sizes) {
  /// Around lanes, blocks of 1024 and chunks of 32768, and nothing at all.
  private static final List<List<Integer>> SIZES =
      List.of(
          List.of(),
          List.of(0),
          List.of(1),
          List.of(15, 16, 17, 0, 33),
          List.of(1025, 1, 7),
          List.of(70_001, 3, 32_768));

  static List<UpdateSample> all() {
    List<UpdateSample> samples = new ArrayList<>();
    for (List<Integer> sizes : SIZES) {
      int n = sizes.size();
      List<Double> decay = IntStream.range(0, n).mapToObj(i -> i % 2 == 0 ? 0.1 : 0).toList();
      List<Double> none = Collections.nCopies(n, 0.0);
      List<Boolean> adapt = IntStream.range(0, n).mapToObj(i -> i % 3 != 1).toList();
      List<Float> lr = List.of(0.3f);
      List<Integer> sgd = List.of(0, 2);
      samples.add(new UpdateSample(new Update.Ema(n), 2, List.of(0), List.of(0.99f), sizes));
      samples.add(new UpdateSample(new Update.Sgd(0.9, false, decay), 3, sgd, lr, sizes));
      samples.add(new UpdateSample(new Update.Sgd(0.9, true, none), 3, sgd, lr, sizes));
      samples.add(
          new UpdateSample(new Update.Lars(0.9, 0.01, false, decay, adapt), 3, sgd, lr, sizes));
      samples.add(new UpdateSample(new Update.Lars(0, 0.5, true, decay, adapt), 3, sgd, lr, sizes));
      samples.add(
          new UpdateSample(
              new Update.AdamW(0.9, 0.99, 1e-3, decay),
              4,
              List.of(0, 2, 3),
              List.of(0.3f, 3f),
              sizes));
      if (n == 1) {
        samples.add(new UpdateSample(new Update.Assign(), 2, List.of(0), List.of(), sizes));
      }
    }
    return samples;
  }

  @Override
  public String toString() {
    return op.tag() + " " + sizes + " " + op;
  }
}
