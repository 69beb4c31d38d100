package ibrik.ssl.data;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicReference;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/// Decodes JPEG and PNG files to bytes: 1 channel if the file is grey, else 3. Which of the two it
/// is, the content says, not the name.
///
/// Values are taken as stored: 16 bits are rounded to 8, palettes are looked up, alpha is dropped,
/// colour profiles and the orientation that a camera noted are not applied. So do the usual image
/// readers of other frameworks, and the numbers stay comparable.
final class ImageDecoder {
  /// No image may have more: a header of a few bytes can ask for any amount of memory.
  static final long MAX_PIXELS = 1L << 26;

  /// How far from its end the end mark of a complete file is looked for, bytes.
  private static final int TAIL = 1024;

  private ImageDecoder() {}

  /// What is known of an image.
  record Header(int height, int width, boolean grey) {}

  private interface Reading<T> {
    T from(ImageReader reader) throws IOException;
  }

  /// Height, width and colour, without decoding the pixels.
  ///
  /// @throws IOException saying why the file cannot be decoded, without its name
  static Header header(byte[] file) throws IOException {
    return read(file, ImageDecoder::header);
  }

  /// The pixels.
  ///
  /// @throws IOException saying why the file cannot be decoded, without its name
  static Image decode(byte[] file) throws IOException {
    return read(
        file,
        reader -> {
          header(reader);
          AtomicReference<String> cut = new AtomicReference<>("");
          reader.addIIOReadWarningListener(
              (_, warning) -> {
                // The JPEG reader fills what is missing with grey, and only warns.
                String text = warning.toLowerCase(Locale.ROOT);
                if (text.contains("premature end") || text.contains("missing eoi")) {
                  cut.set(warning);
                }
              });
          Image image = image(reader.read(0));
          if (!cut.get().isEmpty()) {
            throw new IOException("it is truncated");
          }
          return image;
        });
  }

  /// Whether the mark that ends every complete file is where it should be: cheap, and enough to
  /// find a file cut short. Bytes that somebody appended hide it.
  static boolean endsWell(byte[] file) {
    boolean png = format(file).equals("png");
    byte[] mark = png ? new byte[] {'I', 'E', 'N', 'D'} : new byte[] {(byte) 0xFF, (byte) 0xD9};
    for (int at = file.length - mark.length; at >= Math.max(0, file.length - TAIL); at--) {
      int same = 0;
      while (same < mark.length && file[at + same] == mark[same]) {
        same++;
      }
      if (same == mark.length) {
        return true;
      }
    }
    return false;
  }

  private static String format(byte[] file) {
    if (file.length > 3 && (file[0] & 0xFF) == 0xFF && (file[1] & 0xFF) == 0xD8) {
      return "jpeg";
    }
    boolean png = file.length > 3 && (file[0] & 0xFF) == 0x89 && file[1] == 'P' && file[2] == 'N';
    return png ? "png" : "";
  }

  private static <T> T read(byte[] file, Reading<T> reading) throws IOException {
    String format = format(file);
    if (format.isEmpty()) {
      throw new IOException(file.length == 0 ? "it is empty" : "it is neither JPEG nor PNG");
    }
    ImageReader reader = ImageIO.getImageReadersByFormatName(format).next();
    try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(file))) {
      reader.setInput(in, true, true);
      return reading.from(reader);
    } catch (RuntimeException damaged) {
      // The readers of the JDK stumble over damaged files in many ways.
      throw new IOException("it is damaged (" + damaged + ")", damaged);
    } finally {
      reader.dispose();
    }
  }

  private static Header header(ImageReader reader) throws IOException {
    int height = reader.getHeight(0);
    int width = reader.getWidth(0);
    if ((long) height * width > MAX_PIXELS) {
      throw new IOException(
          "it is " + width + " wide and " + height + " high, beyond " + MAX_PIXELS + " pixels");
    }
    ImageTypeSpecifier raw = reader.getRawImageType(0);
    return new Header(height, width, raw != null && isGrey(raw.getColorModel()));
  }

  private static boolean isGrey(ColorModel colors) {
    return colors.getColorSpace().getType() == ColorSpace.TYPE_GRAY;
  }

  private static Image image(BufferedImage picture) throws IOException {
    ColorModel colors = picture.getColorModel();
    Raster raster = picture.getRaster();
    if (colors instanceof IndexColorModel palette) {
      return lookUp(raster, palette);
    }
    boolean grey = isGrey(colors);
    if (!grey && colors.getColorSpace().getType() != ColorSpace.TYPE_RGB) {
      throw new IOException("its colours are neither grey nor RGB; convert it");
    }
    int height = raster.getHeight();
    int width = raster.getWidth();
    int bands = raster.getNumBands();
    int channels = grey ? 1 : 3;
    int max = (1 << colors.getComponentSize(0)) - 1;
    byte[] pixels = new byte[height * width * channels];
    int[] row = new int[width * bands];
    for (int y = 0; y < height; y++) {
      // Not getRGB: Java takes grey for linear light and would brighten it.
      raster.getPixels(0, y, width, 1, row);
      for (int x = 0; x < width; x++) {
        for (int c = 0; c < channels; c++) {
          int value = row[x * bands + c];
          pixels[(y * width + x) * channels + c] =
              (byte) (max == 255 ? value : (value * 255 + max / 2) / max);
        }
      }
    }
    return new Image(height, width, channels, pixels);
  }

  private static Image lookUp(Raster raster, IndexColorModel palette) {
    int[] colors = new int[palette.getMapSize()];
    palette.getRGBs(colors);
    boolean grey = true;
    for (int rgb : colors) {
      grey &= (rgb >> 16 & 0xFF) == (rgb >> 8 & 0xFF) && (rgb >> 8 & 0xFF) == (rgb & 0xFF);
    }
    int height = raster.getHeight();
    int width = raster.getWidth();
    int channels = grey ? 1 : 3;
    byte[] pixels = new byte[height * width * channels];
    int[] row = new int[width];
    for (int y = 0; y < height; y++) {
      raster.getPixels(0, y, width, 1, row);
      for (int x = 0; x < width; x++) {
        int rgb = colors[row[x]];
        for (int c = 0; c < channels; c++) {
          pixels[(y * width + x) * channels + c] = (byte) (rgb >> 8 * (2 - c));
        }
      }
    }
    return new Image(height, width, channels, pixels);
  }
}
