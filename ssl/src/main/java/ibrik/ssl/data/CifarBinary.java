package ibrik.ssl.data;

import java.util.List;

/// The binary layout of CIFAR-10: per image one label byte, then a plane of 32x32 bytes each for
/// red, green and blue.
final class CifarBinary {
  static final int SIDE = 32;
  static final int PLANE = SIDE * SIDE;
  static final int RECORD = 1 + 3 * PLANE;

  private CifarBinary() {}

  /// Reads unpacked records.
  static ImageSet read(String name, byte[] bytes, List<String> classNames) {
    if (bytes.length == 0 || bytes.length % RECORD != 0) {
      throw new DataException(
          name
              + " is truncated or no CIFAR binary file: "
              + bytes.length
              + " bytes are no multiple of "
              + RECORD
              + "; fetch it again");
    }
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
}
