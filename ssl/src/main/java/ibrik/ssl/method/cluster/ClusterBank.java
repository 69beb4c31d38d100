package ibrik.ssl.method.cluster;

import ibrik.autograd.Tape;
import ibrik.ssl.method.Method.Sweep;
import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.Tensors;
import ibrik.tensor.Variable;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/// The latest embeddings of the large views of every training image, and the clusters that images
/// belong to in this epoch, once per head. Head `h` clusters the embeddings of view `h mod views`.
///
/// All of it is kept in variables: a run that is stopped in the middle of an epoch goes on with the
/// labels that the epoch began with. An image that was in no batch so far has no label.
public final class ClusterBank implements AutoCloseable {
  private final List<Variable> embeddings = new ArrayList<>();
  private final List<Variable> labels = new ArrayList<>();
  private final Variable seen;
  private final Variable labelled;
  private final Variable batch;

  /// An empty bank.
  ///
  /// @param images number of training images, those of all devices
  /// @param batchSize images per step of one device
  /// @param width of embeddings
  /// @param views whose embeddings are kept
  /// @param heads labels per image
  public ClusterBank(int images, int batchSize, int width, int views, int heads, Device device) {
    for (int v = 0; v < views; v++) {
      embeddings.add(zeros("bank" + v, DType.F32, Shape.of(images, width), device));
    }
    for (int h = 0; h < heads; h++) {
      labels.add(zeros("labels" + h, DType.I32, Shape.of(images), device));
    }
    seen = zeros("bank_seen", DType.F32, Shape.of(images, 1), device);
    labelled = zeros("bank_labelled", DType.F32, Shape.of(images, 1), device);
    batch = zeros("batch_images", DType.I32, Shape.of(batchSize), device);
  }

  private static Variable zeros(String name, DType dtype, Shape shape, Device device) {
    return Variable.zeros(name, new TensorSpec(dtype, shape), device);
  }

  /// Says which images this device sees in the next step.
  public void moveTo(int[] images) {
    batch.set(MemorySegment.ofArray(images));
  }

  /// Numbers of the images that this device sees in this step, i32 `[B]`.
  public Tensor batchImages() {
    return batch.value();
  }

  /// Labels of images, one tensor i32 `[n]` per head.
  ///
  /// @param images their numbers, i32 `[n]`
  public List<Tensor> labels(Tensor images) {
    return labels.stream().map(all -> all.value().gather(images)).toList();
  }

  /// 1 for images that have labels, 0 for others: `[n]`.
  ///
  /// @param images their numbers, i32 `[n]`
  public Tensor weights(Tensor images) {
    return labelled.value().gather(images).reshape(images.elems());
  }

  /// Writes embeddings over those of the same images: rows of zeros and the new ones are added
  /// where the old ones are crossed out. Not recorded.
  ///
  /// @param at numbers of the images, i32 `[n]`, none twice
  /// @param z one tensor `[n, width]` per kept view
  public void put(Tensor at, List<Tensor> z) {
    Tape.pause(() -> write(at, z));
  }

  private boolean write(Tensor at, List<Tensor> z) {
    try (TensorScope _ = TensorScope.open()) {
      long images = seen.spec().shape().dim(0);
      Tensor ones = Tensors.onesLike(z.getFirst().narrow(1, 0, 1));
      Tensor here = ones.scatterAdd(at, images);
      Tensor others = here.neg().add(1);
      for (int v = 0; v < embeddings.size(); v++) {
        Variable bank = embeddings.get(v);
        bank.set(bank.value().mul(others).add(z.get(v).scatterAdd(at, images)));
      }
      seen.set(seen.value().maximum(here));
      return true;
    }
  }

  /// Fills the bank by one pass over the images without training.
  ///
  /// @param embed a view `[B,H,W,C]` to embeddings `[B, width]`
  /// @param gather rows of this device to those of all
  public void fill(Sweep images, UnaryOperator<Tensor> embed, UnaryOperator<Tensor> gather) {
    Tape.pause(
        () -> {
          images.forEach(
              (views, numbers) -> {
                moveTo(numbers);
                List<Tensor> kept = views.subList(0, embeddings.size());
                write(
                    gather.apply(batch.value()),
                    kept.stream().map(view -> gather.apply(embed.apply(view))).toList());
              });
          return true;
        });
  }

  /// Numbers of the images that have embeddings, in order.
  private int[] known() {
    double[] flags = seen.value().toDoubles();
    return IntStream.range(0, flags.length).filter(i -> flags[i] > 0).toArray();
  }

  /// What clusters the embeddings of one head: `[n, width]` to clusters i32 `[n]`.
  @FunctionalInterface
  public interface Clustering {
    /// The clusters.
    Tensor of(Tensor embeddings, int head);
  }

  /// Gives every image that has embeddings a label per head.
  public void cluster(Clustering clustering) {
    Tape.pause(
        () -> {
          int[] known = known();
          for (int h = 0; h < labels.size(); h++) {
            try (TensorScope _ = TensorScope.open()) {
              Device device = seen.value().device();
              Tensor index = Tensor.of(known, known.length).to(device);
              Tensor bank = embeddings.get(h % embeddings.size()).value().gather(index);
              labels.get(h).set(spread(clustering.of(bank, h).toInts(), known, device));
            }
          }
          labelled.set(seen.value());
          return true;
        });
  }

  private Tensor spread(int[] clusters, int[] known, Device device) {
    int[] all = new int[Math.toIntExact(seen.spec().elems())];
    for (int i = 0; i < known.length; i++) {
      all[known[i]] = clusters[i];
    }
    return Tensor.of(all, all.length).to(device);
  }

  /// What a checkpoint holds.
  public Map<String, Variable> state() {
    Map<String, Variable> state = new LinkedHashMap<>();
    embeddings.forEach(v -> state.put(v.name(), v));
    labels.forEach(v -> state.put(v.name(), v));
    state.put(seen.name(), seen);
    state.put(labelled.name(), labelled);
    return state;
  }

  @Override
  public void close() {
    embeddings.forEach(Variable::close);
    labels.forEach(Variable::close);
    seen.close();
    labelled.close();
    batch.close();
  }
}
