package ibrik.ssl.augment;

import ibrik.tensor.random.PhiloxStream;

/// A window of an image, in pixels.
record Crop(int top, int left, int height, int width) {
  /// A window whose share of the area is uniform and whose ratio is log-uniform between the view's
  /// bounds; sides that do not fit are cut to the image, as in the official code of BYOL. Place
  /// uniform. Four numbers are drawn, always.
  static Crop draw(View view, int height, int width, PhiloxStream random) {
    double share =
        view.cropScaleLow() + (view.cropScaleHigh() - view.cropScaleLow()) * random.nextDouble();
    double low = StrictMath.log(view.cropRatioLow());
    double high = StrictMath.log(view.cropRatioHigh());
    double ratio = StrictMath.exp(low + (high - low) * random.nextDouble());
    double area = share * height * width;
    int h = Math.clamp(Math.round(Math.sqrt(area / ratio)), 1, height);
    int w = Math.clamp(Math.round(Math.sqrt(area * ratio)), 1, width);
    return new Crop(random.nextInt(height - h + 1), random.nextInt(width - w + 1), h, w);
  }

  /// The largest centred window with the proportions of `height x width`.
  static Crop centre(int imageHeight, int imageWidth, int height, int width) {
    double scale = Math.min((double) imageHeight / height, (double) imageWidth / width);
    int h = Math.clamp(Math.round(height * scale), 1, imageHeight);
    int w = Math.clamp(Math.round(width * scale), 1, imageWidth);
    return new Crop((imageHeight - h) / 2, (imageWidth - w) / 2, h, w);
  }
}
