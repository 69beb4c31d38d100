package ibrik.ssl.augment;

import ibrik.ssl.data.Image;
import ibrik.tensor.DType;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.op.ImageOp;
import ibrik.tensor.op.ViewParameters;
import ibrik.tensor.random.PhiloxStream;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Makes views: crop and resize, flip, colour jitter, grayscale, blur, solarise, normalise, in this
/// order (Grill et al. 2020, appendix B). Draws the numbers; [ImageOp.Augment] does the rest, one
/// image at a time, on the thread that asks. Which numbers are drawn depends on the stream alone,
/// so a sample has the same bits whichever worker makes it. Threads may share an augmenter.
public final class Augmenter {
  /// Stream numbers hold this many bits of each part.
  private static final int INDEX_BITS = 36;

  private static final int VIEW_BITS = 4;
  private static final int EPOCH_BITS = 23;

  /// From here on solarisation inverts.
  private static final float HALF = 0.5f;

  private final View view;
  private final Saliency saliency;
  private final ImageOp.Augment recipe;

  /// Views of `height x width x channels`, normalised by `mean` and `std` per channel.
  ///
  /// @param channels 1 or 3
  /// @throws IllegalArgumentException unless there is one finite mean and one std above 0 for each
  ///   channel
  public Augmenter(
      View view, int height, int width, int channels, List<Float> mean, List<Float> std) {
    this(view, height, width, channels, mean, std, new BorderSaliency());
  }

  /// [#Augmenter(View, int, int, int, List, List)] with another idea of what is salient.
  public Augmenter(
      View view,
      int height,
      int width,
      int channels,
      List<Float> mean,
      List<Float> std,
      Saliency saliency) {
    if (height < 1
        || width < 1
        || (channels != 1 && channels != 3)
        || mean.size() != channels
        || std.size() != channels
        || !mean.stream().allMatch(Float::isFinite)
        || !std.stream().allMatch(s -> s > 0 && Float.isFinite(s))) {
      throw new IllegalArgumentException(
          "[augment] needs at least one pixel, 1 or 3 channels, and a finite mean and a std above 0"
              + " for each; got "
              + height
              + "x"
              + width
              + "x"
              + channels
              + ", mean "
              + mean
              + ", std "
              + std);
    }
    this.view = view;
    this.saliency = saliency;
    this.recipe =
        new ImageOp.Augment(
            height, width, taps(height), view.filter(), view.style(), mean, std, DType.F32);
  }

  /// Taps of the blur: BYOL's `2 floor((height / 10) / 2) + 1`, so 23 at 224 pixels, 3 at 32 and
  /// 28, 1 below 20.
  private static int taps(int height) {
    return 2 * (height / 20) + 1;
  }

  /// The stream that belongs to one view of one image in one epoch; no two share a stream.
  ///
  /// @param epoch below 2^23
  /// @param index of the image
  /// @param view below 16
  public static PhiloxStream stream(long seed, int epoch, int index, int view) {
    if (epoch < 0 || epoch >= 1 << EPOCH_BITS || index < 0 || view < 0 || view >= 1 << VIEW_BITS) {
      throw new IllegalArgumentException(
          "[augment] epoch must be below 2^23, image at least 0, view below 16; got epoch "
              + epoch
              + ", image "
              + index
              + ", view "
              + view);
    }
    return new PhiloxStream(
        seed, ((long) epoch << (INDEX_BITS + VIEW_BITS)) | ((long) view << INDEX_BITS) | index);
  }

  /// Floats of one view.
  public int size() {
    return recipe.height() * recipe.width() * recipe.channels();
  }

  /// [#apply(Image, String, PhiloxStream, float[])] of an image without a name.
  public void apply(Image image, PhiloxStream random, float[] out) {
    apply(image, "", random, out);
  }

  /// Writes a random view of `image` to `out[0 ... size-1]`, normalised.
  ///
  /// @param name of the image, for [Saliency]
  public void apply(Image image, String name, PhiloxStream random, float[] out) {
    apply(image, name, random, MemorySegment.ofArray(out), 0);
  }

  /// Writes a random view of `image` to `out` from byte `at` on, normalised.
  ///
  /// @param name of the image, for [Saliency]
  public void apply(Image image, String name, PhiloxStream random, MemorySegment out, long at) {
    boolean @Nullable [] subject =
        view.mask() > 0 && random.nextBoolean(view.mask()) ? saliency.of(image, name) : null;
    ViewParameters drawn = draw(image.height(), image.width(), random);
    make(image, subject, drawn, out, at);
  }

  /// Writes `image` as it is tested: the largest centred window with the view's proportions,
  /// resized, normalised. An image of the view's size stays as it is.
  public void test(Image image, float[] out) {
    Crop middle = Crop.centre(image.height(), image.width(), recipe.height(), recipe.width());
    ViewParameters asItIs =
        ViewParameters.window(middle.top(), middle.left(), middle.height(), middle.width());
    make(image, null, asItIs, MemorySegment.ofArray(out), 0);
  }

  private void make(
      Image image, boolean @Nullable [] subject, ViewParameters drawn, MemorySegment out, long at) {
    float[] row = new float[ViewParameters.COLUMNS];
    drawn.write(MemorySegment.ofArray(row), 0);
    try (TensorScope _ = TensorScope.open()) {
      Tensor pixels = Tensor.of(image.pixels(), 1, image.height(), image.width(), image.channels());
      Tensor parameters = Tensor.of(row, 1, row.length);
      Tensor made =
          subject == null
              ? pixels.augment(parameters, recipe)
              : pixels.augment(
                  parameters, Tensor.of(subject, 1, image.height(), image.width()), recipe);
      MemorySegment.copy(made.data(), 0, out, at, made.spec().bytes());
    }
  }

  /// What makes a view of what was drawn, for who makes many at once.
  public ImageOp.Augment recipe() {
    return recipe;
  }

  /// Draws a view of an image of `imageHeight x imageWidth`; whether its background turns grey is
  /// drawn before, by [#apply].
  public ViewParameters draw(int imageHeight, int imageWidth, PhiloxStream random) {
    Crop window = window(imageHeight, imageWidth, random);
    boolean flip = random.nextBoolean(view.flip());
    boolean byol = view.style() == ImageOp.Jitter.BYOL;
    int order = -1;
    float brightness = byol ? 0 : 1;
    float contrast = 1;
    float saturation = 1;
    float hue = 0;
    if (random.nextBoolean(view.jitter())) {
      brightness += between(random, view.brightness());
      contrast += between(random, view.contrast());
      saturation += between(random, view.saturation());
      hue = between(random, view.hue());
      int[] p = random.permutation(4);
      order = ViewParameters.order(p[0], p[1], p[2], p[3]);
    }
    boolean gray = random.nextBoolean(view.gray());
    float sigma = -1;
    if (random.nextBoolean(view.blur())) {
      double low = view.blurSigmaLow();
      sigma = (float) (low + (view.blurSigmaHigh() - low) * random.nextDouble());
    }
    float threshold = random.nextBoolean(view.solarize()) ? HALF : ViewParameters.NO_SOLARIZE;
    return new ViewParameters(
        window.top(),
        window.left(),
        window.height(),
        window.width(),
        flip,
        order,
        brightness,
        contrast,
        saturation,
        hue,
        gray,
        sigma,
        threshold);
  }

  /// A crop, or a window of the view's size from the image with zeros around it.
  private Crop window(int imageHeight, int imageWidth, PhiloxStream random) {
    int pad = view.padCrop();
    if (pad == 0) {
      return Crop.draw(view, imageHeight, imageWidth, random);
    }
    int height = recipe.height();
    int width = recipe.width();
    int top = random.nextInt(Math.max(1, imageHeight + 2 * pad - height + 1)) - pad;
    int left = random.nextInt(Math.max(1, imageWidth + 2 * pad - width + 1)) - pad;
    return new Crop(top, left, height, width);
  }

  /// Uniform in `±strength`.
  private static float between(PhiloxStream random, double strength) {
    return (float) (strength * (2 * random.nextDouble() - 1));
  }
}
