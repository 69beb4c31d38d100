package ibrik.ssl.data;

import java.util.ArrayList;
import java.util.List;

/// Mean and standard deviation of each channel, of values in [0,1], over all pixels of a set.
///
/// @param mean per channel
/// @param std per channel, at least 1e-3 so that a constant channel can be divided by it
record ChannelStatistics(List<Float> mean, List<Float> std) {
  /// Of all pixels of `images`, at least one, which have one number of channels.
  static ChannelStatistics of(ImageSet images) {
    return of(images, images.image(0).channels());
  }

  /// Of all pixels of `images`; where `channels` is 3, a grey pixel counts as three equal values.
  static ChannelStatistics of(ImageSet images, int channels) {
    double[] sums = new double[channels];
    double[] squares = new double[channels];
    long pixels = 0;
    for (int i = 0; i < images.size(); i++) {
      Image image = images.image(i);
      int repeat = channels / image.channels();
      for (int p = 0; p < image.pixels().length * repeat; p++) {
        double value = (image.pixels()[p / repeat] & 0xFF) / 255.0;
        sums[p % channels] += value;
        squares[p % channels] += value * value;
      }
      pixels += (long) image.height() * image.width();
    }
    List<Float> mean = new ArrayList<>();
    List<Float> std = new ArrayList<>();
    for (int c = 0; c < channels; c++) {
      double average = sums[c] / pixels;
      mean.add((float) average);
      double variance = Math.max(0, squares[c] / pixels - average * average);
      std.add((float) Math.max(1e-3, Math.sqrt(variance)));
    }
    return new ChannelStatistics(List.copyOf(mean), List.copyOf(std));
  }
}
