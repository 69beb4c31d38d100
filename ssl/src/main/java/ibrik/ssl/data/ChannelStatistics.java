package ibrik.ssl.data;

import java.util.ArrayList;
import java.util.List;

/// Mean and standard deviation of each channel, of values in [0,1], over all pixels of a set.
///
/// @param mean per channel
/// @param std per channel, at least 1e-3 so that a constant channel can be divided by it
record ChannelStatistics(List<Float> mean, List<Float> std) {
  static ChannelStatistics of(ImageSet images) {
    double[] sums = new double[3];
    double[] squares = new double[3];
    long pixels = 0;
    int channels = images.image(0).channels();
    for (int i = 0; i < images.size(); i++) {
      byte[] bytes = images.image(i).pixels();
      for (int p = 0; p < bytes.length; p++) {
        double value = (bytes[p] & 0xFF) / 255.0;
        sums[p % channels] += value;
        squares[p % channels] += value * value;
      }
      pixels += bytes.length / channels;
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
