package ibrik.ssl.data;

import java.util.List;

/// The binary layout of CIFAR-10: per image one label byte, then a plane of 32x32 bytes each for
/// red, green and blue.
final class CifarBinary {
  static final int SIDE = 32;
  static final int PLANE = SIDE * SIDE;
  static final int RECORD = 1 + 3 * PLANE;

  private CifarBinary() {}

  /// Throws unless `bytes` can be records: at least one, and no part of one.
  static void checkLength(String name, int bytes) {
    if (bytes == 0 || bytes % RECORD != 0) {
      throw new DataException(
          name
              + " is truncated or no CIFAR binary file: "
              + bytes
              + " bytes are no multiple of "
              + RECORD
              + "; fetch it again");
    }
  }

  /// Reads unpacked records.
  static ImageSet read(String name, byte[] bytes, List<String> classNames) {
    checkLength(name, bytes.length);
    int count = bytes.length / RECORD;
    int[] labels = new int[count];
    byte[] pixels = new byte[count * 3 * PLANE];
    for (int i = 0; i < count; i++) {
      int start = i * RECORD;
      labels[i] = bytes[start] & 0xFF;
      if (labels[i] >= classNames.size()) {
        throw new DataException(
            name
                + ": label of image "
                + i
                + " is "
                + labels[i]
                + ", beyond the "
                + classNames.size()
                + " classes");
      }
      for (int p = 0; p < PLANE; p++) {
        for (int c = 0; c < 3; c++) {
          pixels[(i * PLANE + p) * 3 + c] = bytes[start + 1 + c * PLANE + p];
        }
      }
    }
    return new MemoryImages(SIDE, SIDE, 3, pixels, labels, classNames);
  }

  /// The records that a strip of images below one another was made from. It holds R-G, G and B-G,
  /// modulo 256, which a PNG file compresses better than R, G and B.
  ///
  /// @param strip `[count * 32, 32, 3]`
  /// @param labels one byte per image
  static byte[] fromStrip(String name, Image strip, String labelName, byte[] labels) {
    int count = strip.height() / SIDE;
    if (strip.width() != SIDE || strip.height() % SIDE != 0 || strip.channels() != 3) {
      throw new DataException(
          name
              + " is no strip of 32x32 colour images: it is "
              + strip.width()
              + " wide and "
              + strip.height()
              + " high with "
              + strip.channels()
              + " channels");
    }
    if (labels.length != count) {
      throw new DataException(
          name
              + " has "
              + count
              + " images, but "
              + labelName
              + " has "
              + labels.length
              + " labels; they do not belong together");
    }
    byte[] records = new byte[count * RECORD];
    byte[] pixels = strip.pixels();
    for (int i = 0; i < count; i++) {
      int to = i * RECORD;
      records[to++] = labels[i];
      for (int p = 0; p < PLANE; p++) {
        int from = (i * PLANE + p) * 3;
        byte green = pixels[from + 1];
        records[to + p] = (byte) (pixels[from] + green);
        records[to + PLANE + p] = green;
        records[to + 2 * PLANE + p] = (byte) (pixels[from + 2] + green);
      }
    }
    return records;
  }
}
