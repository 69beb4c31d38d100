package ibrik.ssl.data;

import static org.junit.jupiter.api.Assertions.assertThrows;

import java.awt.image.BufferedImage;
import java.awt.image.WritableRaster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.function.Executable;

/// Small files for the tests of this package.
final class Pictures {
  private Pictures() {}

  /// A picture whose pixel at row `y`, column `x` has value `(7 y + 13 x + 50 band + seed) % 256`
  /// in every band.
  static BufferedImage picture(int type, int height, int width, int seed) {
    BufferedImage picture = new BufferedImage(width, height, type);
    fill(picture.getRaster(), seed);
    return picture;
  }

  static void fill(WritableRaster raster, int seed) {
    for (int y = 0; y < raster.getHeight(); y++) {
      for (int x = 0; x < raster.getWidth(); x++) {
        for (int b = 0; b < raster.getNumBands(); b++) {
          raster.setSample(x, y, b, value(y, x, b, seed));
        }
      }
    }
  }

  static int value(int y, int x, int band, int seed) {
    return (7 * y + 13 * x + 50 * band + seed) % 256;
  }

  /// The bytes that a picture of this pattern decodes to.
  static byte[] pixels(int height, int width, int channels, int seed) {
    byte[] pixels = new byte[height * width * channels];
    for (int i = 0; i < pixels.length; i++) {
      int p = i / channels;
      pixels[i] = (byte) value(p / width, p % width, i % channels, seed);
    }
    return pixels;
  }

  static byte[] encode(String format, BufferedImage picture) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      if (!ImageIO.write(picture, format, out)) {
        throw new IllegalArgumentException("no writer for " + format);
      }
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
    return out.toByteArray();
  }

  /// A colour PNG.
  static byte[] png(int height, int width, int seed) {
    return encode("png", picture(BufferedImage.TYPE_3BYTE_BGR, height, width, seed));
  }

  /// A grey PNG.
  static byte[] greyPng(int height, int width, int seed) {
    return encode("png", picture(BufferedImage.TYPE_BYTE_GRAY, height, width, seed));
  }

  /// A colour JPEG, of one colour, so that compression loses next to nothing.
  static byte[] jpeg(int height, int width, int red, int green, int blue) {
    BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_3BYTE_BGR);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        picture.setRGB(x, y, red << 16 | green << 8 | blue);
      }
    }
    return encode("jpeg", picture);
  }

  /// A colour JPEG full of detail.
  static byte[] jpeg(int height, int width) {
    return encode("jpeg", picture(BufferedImage.TYPE_3BYTE_BGR, height, width, 0));
  }

  static void write(Path file, byte[] bytes) {
    try {
      Files.createDirectories(file.getParent());
      Files.write(file, bytes);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  static byte[] gzip(byte[] bytes) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream packed = new GZIPOutputStream(out)) {
      packed.write(bytes);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
    return out.toByteArray();
  }

  static byte[] head(byte[] bytes, int length) {
    return Arrays.copyOf(bytes, length);
  }

  static String dataError(Executable action) {
    return message(DataException.class, action);
  }

  static String message(Class<? extends RuntimeException> type, Executable action) {
    return String.valueOf(assertThrows(type, action).getMessage());
  }
}
