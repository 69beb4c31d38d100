package ibrik.ssl.report;

import ibrik.ssl.data.DataSet;
import ibrik.ssl.data.Image;
import ibrik.tensor.io.AtomicFile;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/// Between numbers, images and files.
public final class Pictures {
  private Pictures() {}

  /// Writes `picture` to `file` as PNG, as a whole or not at all. The folder is made where it is
  /// missing.
  ///
  /// @throws IOException if it cannot be written
  public static void write(BufferedImage picture, Path file) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    byte[] png = png(picture);
    AtomicFile.write(file, png);
  }

  static byte[] png(BufferedImage picture) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    // In memory: the default writes a file to the temporary folder.
    try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
      if (!ImageIO.write(picture, "png", out)) {
        throw new IOException("[picture] this Java writes no PNG; got " + picture);
      }
    }
    return bytes.toByteArray();
  }

  /// A view as an image: the normalisation of `data` undone, rounded to bytes, cut off at black and
  /// white.
  ///
  /// @param view `height * width * channels` numbers of `data`, channels last
  public static Image ofView(float[] view, DataSet data) {
    return ofView(view, data.height(), data.width(), data);
  }

  /// [#ofView(float[], DataSet)] for a view of another size.
  public static Image ofView(float[] view, int height, int width, DataSet data) {
    byte[] pixels = new byte[height * width * data.channels()];
    for (int i = 0; i < pixels.length; i++) {
      int channel = i % data.channels();
      float value = view[i] * data.std().get(channel) + data.mean().get(channel);
      pixels[i] = (byte) Math.clamp(Math.round(value * 255), 0, 255);
    }
    return new Image(height, width, data.channels(), pixels);
  }
}
