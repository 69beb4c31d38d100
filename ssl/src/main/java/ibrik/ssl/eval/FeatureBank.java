package ibrik.ssl.eval;

import ibrik.autograd.Tape;
import ibrik.nn.Build;
import ibrik.nn.Flatten;
import ibrik.nn.Module;
import ibrik.ssl.augment.Augmenter;
import ibrik.ssl.augment.View;
import ibrik.ssl.augment.Views;
import ibrik.ssl.data.DataSet;
import ibrik.ssl.data.Image;
import ibrik.ssl.data.ImageSet;
import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.TensorSpec;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Collections;

/// Features of a set of images, computed once, and their labels. Held in host memory, so a bank
/// belongs to no scope and costs no device memory until a part of it is uploaded.
///
/// @param features `[N, dim]`, row-major, `N * dim` below 2^31; not copied, do not change
/// @param dim numbers per item, at least 1
/// @param labels `[N]`, each in `0 ... classes-1` or [ImageSet#NO_LABEL]; not copied
/// @param classes number of classes, 0 where there are no labels
public record FeatureBank(float[] features, int dim, int[] labels, int classes) {
  /// Images in one forward pass where nothing else is said.
  public static final int BATCH = 256;

  /// Checks sizes and labels.
  public FeatureBank {
    if (dim < 1 || features.length != (long) labels.length * dim) {
      throw new IllegalArgumentException(
          "[feature_bank] needs items * dim numbers; got "
              + features.length
              + " for "
              + labels.length
              + " items of dim "
              + dim);
    }
    for (int label : labels) {
      if (label >= classes || (label < 0 && label != ImageSet.NO_LABEL)) {
        throw new IllegalArgumentException(
            "[feature_bank] labels must be in [0, " + classes + ") or -1; got " + label);
      }
    }
  }

  /// Features of `images` as tested: each resized and centre cropped to the size of `data`,
  /// normalised by its statistics, and sent through `encoder` in eval mode. Nothing is recorded on
  /// a tape, no statistics move, and the encoder is put back in train mode if it was there.
  ///
  /// @param encoder images `[N,H,W,C]` to `[N, dim]`
  /// @param batchSize images at once; with running statistics the features do not depend on it
  public static FeatureBank extract(Module encoder, DataSet data, ImageSet images, int batchSize) {
    Augmenter maker = // any recipe will do: test views do not follow it
        augmenter(data, Views.supervised().getFirst());
    Shape shape = Shape.of(1, data.height(), data.width(), data.channels());
    return inEvalMode(
        encoder, images, batchSize, shape, (index, out) -> maker.test(images.image(index), out));
  }

  /// Features of one random view of each image, as training makes it in its first epoch; all else
  /// as in [#extract].
  ///
  /// @param view recipe of the view
  /// @param number of the view among those of an image: other numbers draw other views
  /// @param seed names the random numbers
  public static FeatureBank augmented(
      Module encoder,
      DataSet data,
      ImageSet images,
      View view,
      int number,
      long seed,
      int batchSize) {
    Augmenter maker = augmenter(data, view);
    Shape shape = Shape.of(1, view.side(data.height()), view.side(data.width()), data.channels());
    return inEvalMode(
        encoder,
        images,
        batchSize,
        shape,
        (index, out) ->
            maker.apply(images.image(index), Augmenter.stream(seed, 0, index, number), out));
  }

  private static Augmenter augmenter(DataSet data, View view) {
    return new Augmenter(
        view,
        view.side(data.height()),
        view.side(data.width()),
        data.channels(),
        data.mean(),
        data.std(),
        data.saliency());
  }

  /// Writes what the encoder sees of an image.
  private interface Look {
    void at(int index, float[] out);
  }

  private static FeatureBank inEvalMode(
      Module encoder, ImageSet images, int batchSize, Shape shape, Look look) {
    positive("batchSize", batchSize);
    notEmpty(images);
    boolean training = encoder.training();
    encoder.eval();
    try {
      return Tape.pause(() -> run(encoder, images, batchSize, shape, look));
    } finally {
      if (training) {
        encoder.train();
      }
    }
  }

  private static FeatureBank run(
      Module encoder, ImageSet images, int batchSize, Shape shape, Look look) {
    Device device =
        encoder.parameters().isEmpty()
            ? Device.CPU
            : encoder.parameters().getFirst().value().device();
    int size = Math.toIntExact(shape.elems());
    float[] one = new float[size];
    float[] batch = new float[Math.multiplyExact(Math.min(batchSize, images.size()), size)];
    float[] features = new float[0];
    int dim = 0;
    for (int from = 0; from < images.size(); from += batchSize) {
      int count = Math.min(batchSize, images.size() - from);
      for (int i = 0; i < count; i++) {
        look.at(from + i, one);
        System.arraycopy(one, 0, batch, i * size, size);
      }
      try (TensorScope _ = TensorScope.open()) {
        Tensor x =
            upload(batch, 0, Shape.of(count, shape.dim(1), shape.dim(2), shape.dim(3)), device);
        Tensor y = encoder.forward(x);
        if (y.rank() != 2 || y.dim(0) != count) {
          throw new IllegalArgumentException(
              "[feature_bank] the encoder must give [" + count + ", dim]; got " + y.spec());
        }
        if (from == 0) {
          dim = Math.toIntExact(y.dim(1));
          features = new float[Math.multiplyExact(images.size(), dim)];
        }
        float[] part = y.toFloats();
        System.arraycopy(part, 0, features, from * dim, part.length);
      }
    }
    return new FeatureBank(features, dim, labels(images), images.classNames().size());
  }

  /// The pixels themselves, in [0,1], rows from the top, channels last: the floor that features
  /// must beat. All images have one size.
  public static FeatureBank pixels(ImageSet images) {
    notEmpty(images);
    int dim = images.image(0).pixels().length;
    float[] features = new float[Math.multiplyExact(images.size(), dim)];
    for (int i = 0; i < images.size(); i++) {
      Image image = images.image(i);
      if (image.pixels().length != dim) {
        throw new IllegalArgumentException(
            "[feature_bank] raw pixels need images of one size; got "
                + image.pixels().length
                + " numbers in image "
                + i
                + ", "
                + dim
                + " in the first");
      }
      for (int j = 0; j < dim; j++) {
        features[i * dim + j] = (image.pixels()[j] & 0xFF) / 255f;
      }
    }
    return new FeatureBank(features, dim, labels(images), images.classNames().size());
  }

  /// The pixels of images of any sizes, in [0,1], each resized and centre cropped to the size of
  /// `data`: raw pixels as the encoder gets them, but for the normalisation.
  public static FeatureBank pixels(DataSet data, ImageSet images, int batchSize) {
    DataSet plain =
        new DataSet(
            data.name(),
            data.train(),
            data.test(),
            data.height(),
            data.width(),
            data.channels(),
            Collections.nCopies(data.channels(), 0f),
            Collections.nCopies(data.channels(), 1f),
            data.fingerprint());
    return extract(new Flatten(Build.cpu(0)), plain, images, batchSize);
  }

  private static int[] labels(ImageSet images) {
    int[] labels = new int[images.size()];
    Arrays.setAll(labels, images::label);
    return labels;
  }

  /// Number of items.
  public int size() {
    return labels.length;
  }

  /// Number `column` of item `row`.
  public float at(int row, int column) {
    return features[row * dim + column];
  }

  /// The items at `rows`, in that order.
  public FeatureBank select(int[] rows) {
    float[] part = new float[Math.multiplyExact(rows.length, dim)];
    int[] partLabels = new int[rows.length];
    for (int i = 0; i < rows.length; i++) {
      System.arraycopy(features, rows[i] * dim, part, i * dim, dim);
      partLabels[i] = labels[rows[i]];
    }
    return new FeatureBank(part, dim, partLabels, classes);
  }

  /// These items, then those of `other`, of the same dim and classes.
  public FeatureBank concat(FeatureBank other) {
    checkFits(other, "feature_bank");
    float[] all = Arrays.copyOf(features, Math.addExact(features.length, other.features.length));
    System.arraycopy(other.features, 0, all, features.length, other.features.length);
    int[] allLabels = Arrays.copyOf(labels, labels.length + other.labels.length);
    System.arraycopy(other.labels, 0, allLabels, labels.length, other.labels.length);
    return new FeatureBank(all, dim, allLabels, classes);
  }

  /// Every row divided by its length, computed in double; rows of zeros stay zeros.
  public FeatureBank l2Normalized() {
    float[] unit = new float[features.length];
    for (int i = 0; i < size(); i++) {
      double square = 0;
      for (int j = 0; j < dim; j++) {
        square += (double) at(i, j) * at(i, j);
      }
      double scale = square > 0 ? 1 / Math.sqrt(square) : 0;
      for (int j = 0; j < dim; j++) {
        unit[i * dim + j] = (float) (at(i, j) * scale);
      }
    }
    return new FeatureBank(unit, dim, labels, classes);
  }

  /// All features on `device`, f32 `[N, dim]`, in the innermost scope.
  public Tensor tensor(Device device) {
    return tensor(0, size(), device);
  }

  /// Rows `from ... to-1` on `device`, f32 `[to-from, dim]`, in the innermost scope.
  public Tensor tensor(int from, int to, Device device) {
    return upload(features, from * dim, Shape.of(to - from, dim), device);
  }

  /// The labels on `device`, i32 `[N]`, in the innermost scope.
  public Tensor labelTensor(Device device) {
    return Tensor.copyOf(
        MemorySegment.ofArray(labels), new TensorSpec(DType.I32, Shape.of(size())), device);
  }

  private static Tensor upload(float[] values, int from, Shape shape, Device device) {
    return Tensor.copyOf(
        MemorySegment.ofArray(values)
            .asSlice((long) from * Float.BYTES, shape.elems() * Float.BYTES),
        new TensorSpec(DType.F32, shape),
        device);
  }

  /// Throws unless every item has a label; `who` names the asker.
  void needLabels(String who) {
    for (int label : labels) {
      if (label < 0) {
        throw new IllegalArgumentException(
            "["
                + who
                + "] needs a label on every item; got items without; keep the labelled ones with"
                + " select(...)");
      }
    }
    if (size() == 0) {
      throw new IllegalArgumentException("[" + who + "] needs at least one item; got none");
    }
  }

  /// Throws unless `other` has the same dim and classes.
  void checkFits(FeatureBank other, String who) {
    if (dim != other.dim || classes != other.classes) {
      throw new IllegalArgumentException(
          "["
              + who
              + "] both banks must have one dim and one number of classes; got "
              + this
              + " and "
              + other);
    }
  }

  private static void notEmpty(ImageSet images) {
    if (images.size() == 0) {
      throw new IllegalArgumentException("[feature_bank] needs at least one image; got none");
    }
  }

  private static void positive(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(
          "[feature_bank] " + name + " must be at least 1; got " + value);
    }
  }

  @Override
  public String toString() {
    return "FeatureBank[" + size() + " x " + dim + ", " + classes + " classes]";
  }
}
