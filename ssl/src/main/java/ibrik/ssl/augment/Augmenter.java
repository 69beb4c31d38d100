package ibrik.ssl.augment;

import ibrik.ssl.data.Image;
import ibrik.tensor.random.PhiloxStream;
import java.util.List;

/// Makes views: crop and resize, flip, colour jitter, grayscale, blur, solarise, normalise, in this
/// order (Grill et al. 2020, appendix B). Which numbers are drawn depends on the stream alone, so a
/// sample has the same bits whichever worker makes it. Keeps its buffers: one augmenter per worker.
public final class Augmenter {
  private static final int CROP_TRIES = 10;

  private final View view;
  private final int height;
  private final int width;
  private final int channels;
  private final List<Float> mean;
  private final List<Float> std;
  private final Resampler resampler = new Resampler();
  private final Blur blur = new Blur();
  private float[] source = new float[0];

  /// Views of `height x width x channels`, normalised by `mean` and `std` per channel.
  public Augmenter(
      View view, int height, int width, int channels, List<Float> mean, List<Float> std) {
    this.view = view;
    this.height = height;
    this.width = width;
    this.channels = channels;
    this.mean = List.copyOf(mean);
    this.std = List.copyOf(std);
  }

  /// The stream that belongs to one view of one image in one epoch.
  public static PhiloxStream stream(long seed, int epoch, int index, int view) {
    return new PhiloxStream(seed, ((long) epoch << 40) | ((long) view << 36) | index);
  }

  /// Floats of one view.
  public int size() {
    return height * width * channels;
  }

  /// Writes a random view of `image` to `out[0 ... size-1]`, normalised.
  public void apply(Image image, PhiloxStream random, float[] out) {
    load(image);
    crop(image, random, out);
    int size = size();
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
      double sigma =
          view.blurSigmaLow() + (view.blurSigmaHigh() - view.blurSigmaLow()) * random.nextDouble();
      blur.apply(out, height, width, channels, Math.max(sigma, 1e-3));
    }
    if (random.nextBoolean(view.solarize())) {
      ColorOps.solarize(out, size);
    }
    ColorOps.clip(out, size);
    normalize(out);
  }

  /// Writes `image` as it is tested: resized so that it covers the view, centre cropped,
  /// normalised.
  public void test(Image image, float[] out) {
    load(image);
    if (image.height() == height && image.width() == width) {
      System.arraycopy(source, 0, out, 0, size());
    } else {
      double scale = Math.min((double) image.height() / height, (double) image.width() / width);
      int h = Math.max(1, (int) Math.round(height * scale));
      int w = Math.max(1, (int) Math.round(width * scale));
      resize(image, (image.height() - h) / 2, (image.width() - w) / 2, h, w, out);
      ColorOps.clip(out, size());
    }
    normalize(out);
  }

  /// Bytes to floats in [0, 1]; grey becomes RGB and RGB grey where the set asks for it.
  private void load(Image image) {
    int pixels = image.height() * image.width();
    byte[] bytes = image.pixels();
    if (source.length < pixels * channels) {
      source = new float[pixels * channels];
    }
    if (image.channels() == channels) {
      for (int i = 0; i < pixels * channels; i++) {
        source[i] = (bytes[i] & 0xFF) / 255f;
      }
    } else if (channels == 3) {
      for (int i = 0; i < pixels * 3; i++) {
        source[i] = (bytes[i / 3] & 0xFF) / 255f;
      }
    } else {
      for (int i = 0; i < pixels; i++) {
        source[i] =
            (0.2989f * (bytes[3 * i] & 0xFF)
                    + 0.5870f * (bytes[3 * i + 1] & 0xFF)
                    + 0.1140f * (bytes[3 * i + 2] & 0xFF))
                / 255f;
      }
    }
  }

  private void crop(Image image, PhiloxStream random, float[] out) {
    if (view.padCrop() > 0) {
      shift(image, random, out);
      return;
    }
    int h = image.height();
    int w = image.width();
    double area = (double) h * w;
    double logLow = StrictMath.log(view.cropRatioLow());
    double logHigh = StrictMath.log(view.cropRatioHigh());
    for (int i = 0; i < CROP_TRIES; i++) {
      double share =
          view.cropScaleLow() + (view.cropScaleHigh() - view.cropScaleLow()) * random.nextDouble();
      double ratio = StrictMath.exp(logLow + (logHigh - logLow) * random.nextDouble());
      int cropWidth = (int) Math.round(Math.sqrt(area * share * ratio));
      int cropHeight = (int) Math.round(Math.sqrt(area * share / ratio));
      if (cropWidth >= 1 && cropWidth <= w && cropHeight >= 1 && cropHeight <= h) {
        int top = random.nextInt(h - cropHeight + 1);
        int left = random.nextInt(w - cropWidth + 1);
        resize(image, top, left, cropHeight, cropWidth, out);
        ColorOps.clip(out, size());
        return;
      }
    }
    // The largest centred window with an allowed ratio.
    double ratio = (double) w / h;
    int cropWidth = ratio > view.cropRatioHigh() ? (int) Math.round(h * view.cropRatioHigh()) : w;
    int cropHeight = ratio < view.cropRatioLow() ? (int) Math.round(w / view.cropRatioLow()) : h;
    cropWidth = Math.clamp(cropWidth, 1, w);
    cropHeight = Math.clamp(cropHeight, 1, h);
    resize(image, (h - cropHeight) / 2, (w - cropWidth) / 2, cropHeight, cropWidth, out);
    ColorOps.clip(out, size());
  }

  private void resize(Image image, int top, int left, int h, int w, float[] out) {
    resampler.resize(
        source, image.width(), channels, top, left, h, w, out, height, width, view.filter());
  }

  /// A window of the view's size from the image with zeros around it.
  private void shift(Image image, PhiloxStream random, float[] out) {
    int pad = view.padCrop();
    int top = random.nextInt(Math.max(1, image.height() + 2 * pad - height + 1)) - pad;
    int left = random.nextInt(Math.max(1, image.width() + 2 * pad - width + 1)) - pad;
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        boolean inside =
            top + y >= 0 && top + y < image.height() && left + x >= 0 && left + x < image.width();
        for (int c = 0; c < channels; c++) {
          out[(y * width + x) * channels + c] =
              inside ? source[((top + y) * image.width() + left + x) * channels + c] : 0;
        }
      }
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
    for (int c = 0; c < channels; c++) {
      float shift = mean.get(c);
      float scale = 1 / std.get(c);
      for (int i = c; i < size(); i += channels) {
        out[i] = (out[i] - shift) * scale;
      }
    }
  }
}
