package ibrik.ssl.augment;

import ibrik.ssl.data.Image;
import ibrik.tensor.random.PhiloxStream;
import java.util.Arrays;
import java.util.List;

/// Makes views: crop and resize, flip, colour jitter, grayscale, blur, solarise, normalise, in this
/// order (Grill et al. 2020, appendix B). Which numbers are drawn depends on the stream alone, so a
/// sample has the same bits whichever worker makes it. Keeps its buffers: one augmenter per worker.
public final class Augmenter {
  /// Stream numbers hold this many bits of each part.
  private static final int INDEX_BITS = 36;

  private static final int VIEW_BITS = 4;
  private static final int EPOCH_BITS = 23;

  /// What the background becomes, in [0, 1].
  private static final float BACKGROUND = 0.5f;

  private final View view;
  private final Saliency saliency;
  private final int height;
  private final int width;
  private final int channels;
  private final float[] shift;
  private final float[] scale;
  private final Resampler resampler = new Resampler();
  private final Blur blur = new Blur();
  private float[] source = new float[0];

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
    this.height = height;
    this.width = width;
    this.channels = channels;
    // For a whole row each, so that one loop runs along it.
    this.shift = new float[width * channels];
    this.scale = new float[width * channels];
    for (int i = 0; i < shift.length; i++) {
      shift[i] = mean.get(i % channels);
      scale[i] = 1 / std.get(i % channels);
    }
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
    return height * width * channels;
  }

  /// [#apply(Image, String, PhiloxStream, float[])] of an image without a name.
  public void apply(Image image, PhiloxStream random, float[] out) {
    apply(image, "", random, out);
  }

  /// Writes a random view of `image` to `out[0 ... size-1]`, normalised.
  ///
  /// @param name of the image, for [Saliency]
  public void apply(Image image, String name, PhiloxStream random, float[] out) {
    int size = size();
    load(image);
    if (view.mask() > 0 && random.nextBoolean(view.mask())) {
      greyOut(image, name);
    }
    if (view.padCrop() > 0) {
      shift(image, random, out);
    } else {
      resize(image, Crop.draw(view, image.height(), image.width(), random), out);
    }
    if (random.nextBoolean(view.flip())) {
      flip(out);
    }
    if (random.nextBoolean(view.jitter())) {
      ColorOps.jitter(out, size, channels, view, random);
    }
    if (random.nextBoolean(view.gray())) {
      ColorOps.grayscale(out, size, channels);
    }
    if (random.nextBoolean(view.blur())) {
      double low = view.blurSigmaLow();
      double high = view.blurSigmaHigh();
      blur.apply(out, height, width, channels, low + (high - low) * random.nextDouble());
    }
    if (random.nextBoolean(view.solarize())) {
      ColorOps.solarize(out, size);
    }
    ColorOps.clip(out, size);
    normalize(out);
  }

  /// Writes `image` as it is tested: the largest centred window with the view's proportions,
  /// resized, normalised. An image of the view's size stays as it is.
  public void test(Image image, float[] out) {
    load(image);
    resize(image, Crop.centre(image.height(), image.width(), height, width), out);
    normalize(out);
  }

  /// Bytes to floats in [0, 1]; grey becomes RGB and RGB grey where the set asks for it.
  private void load(Image image) {
    int pixels = image.height() * image.width();
    int size = pixels * channels;
    byte[] bytes = image.pixels();
    if (source.length < size) {
      source = new float[size];
    }
    if (image.channels() == channels) {
      for (int i = 0; i < size; i++) {
        source[i] = (bytes[i] & 0xFF) / 255f;
      }
    } else if (channels == 3) {
      for (int i = 0; i < size; i++) {
        source[i] = (bytes[i / 3] & 0xFF) / 255f;
      }
    } else {
      for (int i = 0; i < size; i++) {
        source[i] =
            ColorOps.grey(bytes[3 * i] & 0xFF, bytes[3 * i + 1] & 0xFF, bytes[3 * i + 2] & 0xFF)
                / 255f;
      }
    }
  }

  /// Greys what is not salient; an image without a subject stays as it is.
  private void greyOut(Image image, String name) {
    boolean[] subject = saliency.of(image, name);
    if (subject == null) {
      return;
    }
    for (int i = 0; i < subject.length; i++) {
      if (!subject[i]) {
        Arrays.fill(source, i * channels, (i + 1) * channels, BACKGROUND);
      }
    }
  }

  private void resize(Image image, Crop window, float[] out) {
    if (window.height() == height && window.width() == width) {
      copy(image, window.top(), window.left(), out);
      return;
    }
    resampler.resize(source, image.width(), channels, window, out, height, width, view.filter());
    ColorOps.clip(out, size());
  }

  private void copy(Image image, int top, int left, float[] out) {
    int line = width * channels;
    for (int y = 0; y < height; y++) {
      int from = ((top + y) * image.width() + left) * channels;
      System.arraycopy(source, from, out, y * line, line);
    }
  }

  /// A window of the view's size from the image with zeros around it.
  private void shift(Image image, PhiloxStream random, float[] out) {
    int pad = view.padCrop();
    int top = random.nextInt(Math.max(1, image.height() + 2 * pad - height + 1)) - pad;
    int left = random.nextInt(Math.max(1, image.width() + 2 * pad - width + 1)) - pad;
    Arrays.fill(out, 0, size(), 0);
    int first = Math.max(0, -left);
    int last = Math.min(width, image.width() - left);
    if (last <= first) {
      return; // a small view that fell into the zeros
    }
    for (int y = Math.max(0, -top); y < Math.min(height, image.height() - top); y++) {
      System.arraycopy(
          source,
          ((top + y) * image.width() + left + first) * channels,
          out,
          (y * width + first) * channels,
          (last - first) * channels);
    }
  }

  private void flip(float[] out) {
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width / 2; x++) {
        int a = (y * width + x) * channels;
        int b = (y * width + width - 1 - x) * channels;
        for (int c = 0; c < channels; c++) {
          float keep = out[a + c];
          out[a + c] = out[b + c];
          out[b + c] = keep;
        }
      }
    }
  }

  private void normalize(float[] out) {
    for (int at = 0; at < size(); at += shift.length) {
      for (int i = 0; i < shift.length; i++) {
        out[at + i] = (out[at + i] - shift[i]) * scale[i];
      }
    }
  }
}
