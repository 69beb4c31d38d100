package ibrik.ssl.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageDecoderTest {
  private static String error(byte[] file) {
    return String.valueOf(
        assertThrows(IOException.class, () -> ImageDecoder.decode(file)).getMessage());
  }

  private static void assertImage(byte[] expected, int height, int width, Image image) {
    assertEquals(height, image.height());
    assertEquals(width, image.width());
    assertEquals(expected.length / height / width, image.channels());
    assertArrayEquals(expected, image.pixels());
  }

  @Test
  void colour() throws IOException {
    byte[] png = Pictures.png(5, 7, 3);
    assertImage(Pictures.pixels(5, 7, 3, 3), 5, 7, ImageDecoder.decode(png));
    assertEquals(new ImageDecoder.Header(5, 7, false), ImageDecoder.header(png));
  }

  /// Grey stays as stored; a conversion from linear light would brighten it.
  @Test
  void grey() throws IOException {
    byte[] png = Pictures.greyPng(5, 7, 3);
    assertImage(Pictures.pixels(5, 7, 1, 3), 5, 7, ImageDecoder.decode(png));
    assertEquals(new ImageDecoder.Header(5, 7, true), ImageDecoder.header(png));
  }

  @Test
  void alphaIsDropped() throws IOException {
    BufferedImage picture = Pictures.picture(BufferedImage.TYPE_4BYTE_ABGR, 4, 6, 9);
    assertImage(
        Pictures.pixels(4, 6, 3, 9), 4, 6, ImageDecoder.decode(Pictures.encode("png", picture)));
  }

  private static BufferedImage component(int space, boolean alpha, int type, int bands) {
    ColorModel colors =
        new ComponentColorModel(
            ColorSpace.getInstance(space),
            alpha,
            false,
            alpha ? java.awt.Transparency.TRANSLUCENT : java.awt.Transparency.OPAQUE,
            type);
    WritableRaster raster = Raster.createInterleavedRaster(type, 6, 4, bands, null);
    return new BufferedImage(colors, raster, false, null);
  }

  @Test
  void greyWithAlpha() throws IOException {
    BufferedImage picture = component(ColorSpace.CS_GRAY, true, DataBuffer.TYPE_BYTE, 2);
    Pictures.fill(picture.getRaster(), 9);
    assertImage(
        Pictures.pixels(4, 6, 1, 9), 4, 6, ImageDecoder.decode(Pictures.encode("png", picture)));
  }

  /// 16 bits are rounded: 65535 is 255, 128 is 0, 129 is 1.
  @Test
  void sixteenBits() throws IOException {
    int[] values = {0, 128, 129, 257, 32767, 32768, 65406, 65407, 65535, 1000, 514, 771};
    int[] expected = {0, 0, 1, 1, 127, 128, 254, 255, 255, 4, 2, 3};
    BufferedImage grey = component(ColorSpace.CS_GRAY, false, DataBuffer.TYPE_USHORT, 1);
    BufferedImage colour = component(ColorSpace.CS_sRGB, false, DataBuffer.TYPE_USHORT, 3);
    byte[] greys = new byte[24];
    byte[] colours = new byte[72];
    for (int i = 0; i < 72; i++) {
      int pixel = i / 3;
      int value = i % values.length;
      colour.getRaster().setSample(pixel % 6, pixel / 6, i % 3, values[value]);
      colours[i] = (byte) expected[value];
      if (i < 24) {
        grey.getRaster().setSample(i % 6, i / 6, 0, values[value]);
        greys[i] = (byte) expected[value];
      }
    }
    assertImage(greys, 4, 6, ImageDecoder.decode(Pictures.encode("png", grey)));
    assertImage(colours, 4, 6, ImageDecoder.decode(Pictures.encode("png", colour)));
  }

  @Test
  void palettes() throws IOException {
    byte[] red = {10, (byte) 200, 30, 40};
    byte[] blue = {1, 2, 3, (byte) 255};
    byte[] alpha = {(byte) 255, 0, (byte) 128, (byte) 255};
    for (IndexColorModel palette :
        new IndexColorModel[] {
          new IndexColorModel(2, 4, red, red, blue),
          new IndexColorModel(2, 4, red, red, blue, alpha)
        }) {
      BufferedImage picture = new BufferedImage(4, 1, BufferedImage.TYPE_BYTE_INDEXED, palette);
      for (int x = 0; x < 4; x++) {
        picture.getRaster().setSample(x, 0, 0, x);
      }
      byte[] expected = {10, 10, 1, (byte) 200, (byte) 200, 2, 30, 30, 3, 40, 40, (byte) 255};
      assertImage(expected, 1, 4, ImageDecoder.decode(Pictures.encode("png", picture)));
    }
    BufferedImage grey =
        new BufferedImage(
            4, 1, BufferedImage.TYPE_BYTE_INDEXED, new IndexColorModel(2, 4, red, red, red));
    for (int x = 0; x < 4; x++) {
      grey.getRaster().setSample(x, 0, 0, 3 - x);
    }
    assertImage(
        new byte[] {40, 30, (byte) 200, 10},
        1,
        4,
        ImageDecoder.decode(Pictures.encode("png", grey)));
  }

  @Test
  void oneBit() throws IOException {
    BufferedImage picture = new BufferedImage(3, 2, BufferedImage.TYPE_BYTE_BINARY);
    picture.getRaster().setSample(1, 0, 0, 1);
    picture.getRaster().setSample(2, 1, 0, 1);
    assertImage(
        new byte[] {0, -1, 0, 0, 0, -1},
        2,
        3,
        ImageDecoder.decode(Pictures.encode("png", picture)));
  }

  @Test
  void jpeg() throws IOException {
    Image image = ImageDecoder.decode(Pictures.jpeg(9, 17, 200, 100, 50));
    assertEquals(9, image.height());
    assertEquals(17, image.width());
    assertEquals(3, image.channels());
    int[] expected = {200, 100, 50};
    for (int i = 0; i < image.pixels().length; i++) {
      assertEquals(expected[i % 3], image.pixels()[i] & 0xFF, 3);
    }
    byte[] grey = Pictures.encode("jpeg", Pictures.picture(BufferedImage.TYPE_BYTE_GRAY, 9, 17, 0));
    assertEquals(1, ImageDecoder.decode(grey).channels());
    assertEquals(new ImageDecoder.Header(9, 17, true), ImageDecoder.header(grey));
    assertEquals(
        new ImageDecoder.Header(9, 17, false), ImageDecoder.header(Pictures.jpeg(9, 17, 1, 2, 3)));
  }

  /// Four components, as printers use them.
  @Test
  void cmyk() throws IOException {
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ImageOutputStream out = ImageIO.createImageOutputStream(bytes)) {
      writer.setOutput(out);
      WritableRaster raster = Raster.createInterleavedRaster(DataBuffer.TYPE_BYTE, 16, 16, 4, null);
      Pictures.fill(raster, 0);
      writer.write(null, new IIOImage(raster, null, null), null);
    } finally {
      writer.dispose();
    }
    assertEquals("its colours are neither grey nor RGB; convert it", error(bytes.toByteArray()));
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.3, 0.5, 0.9})
  void truncatedFiles(double share) throws IOException {
    byte[] jpeg = Pictures.jpeg(64, 64);
    byte[] cut = Pictures.head(jpeg, (int) (Math.max(share, 0.5) * jpeg.length));
    assertEquals("it is truncated", error(cut));
    assertTrue(ImageDecoder.endsWell(jpeg));
    assertFalse(ImageDecoder.endsWell(cut));
    assertEquals(64, ImageDecoder.header(cut).height(), "only the pixels are missing");
    byte[] png = Pictures.png(64, 64, 0);
    byte[] cutPng = Pictures.head(png, (int) (share * png.length));
    assertFalse(error(cutPng).isBlank());
    assertTrue(ImageDecoder.endsWell(png));
    assertFalse(ImageDecoder.endsWell(cutPng));
  }

  /// What was appended to a file hides its end mark, but harms nothing.
  @Test
  void appendedBytes() throws IOException {
    byte[] jpeg = Pictures.jpeg(8, 8);
    byte[] longer = Arrays.copyOf(jpeg, jpeg.length + 5000);
    assertFalse(ImageDecoder.endsWell(longer));
    assertArrayEquals(ImageDecoder.decode(jpeg).pixels(), ImageDecoder.decode(longer).pixels());
  }

  @Test
  void noImages() {
    assertEquals("it is empty", error(new byte[0]));
    assertEquals("it is neither JPEG nor PNG", error(new byte[] {(byte) 0xFF}));
    assertEquals(
        "it is neither JPEG nor PNG",
        error("GIF89a and so on".getBytes(StandardCharsets.US_ASCII)));
    assertFalse(error(Pictures.head(Pictures.png(8, 8, 0), 20)).isBlank());
    assertFalse(error(Pictures.head(Pictures.jpeg(8, 8), 20)).isBlank());
  }

  /// A header of a few bytes that asks for 12 GB: refused before anything is allocated.
  @Test
  void hostileSize() {
    byte[] png = Pictures.png(8, 8, 0);
    ByteBuffer.wrap(png).putInt(16, 65_536).putInt(20, 65_536);
    assertEquals("it is 65536 wide and 65536 high, beyond 67108864 pixels", error(png));
  }

  /// Whatever a byte is changed to, the outcome is an image or an IOException.
  @Property(tries = 300)
  void damage(
      @ForAll boolean jpeg,
      @ForAll @IntRange(max = 10_000) int at,
      @ForAll byte value,
      @ForAll @IntRange(max = 10_000) int length) {
    byte[] file = jpeg ? Pictures.jpeg(16, 16) : Pictures.png(16, 16, 0);
    file[at % file.length] = value;
    byte[] part = length % 2 == 0 ? file : Pictures.head(file, length % file.length);
    try {
      Image image = ImageDecoder.decode(part);
      assertTrue(image.pixels().length > 0);
    } catch (IOException expected) {
      assertFalse(String.valueOf(expected.getMessage()).isBlank());
    }
  }
}
