package ibrik.ssl.data;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/// The IDX format of MNIST: big-endian counts, then bytes.
final class Idx {
  private static final int IMAGES = 2051;
  private static final int LABELS = 2049;

  private Idx() {}

  /// Reads an image file and a label file, both unpacked.
  static ImageSet read(
      String imageName, byte[] images, String labelName, byte[] labels, List<String> classNames) {
    ByteBuffer head = header(imageName, images, IMAGES, 16);
    int count = head.getInt();
    int height = head.getInt();
    int width = head.getInt();
    if (count < 0 || height < 1 || width < 1 || height > 4096 || width > 4096) {
      throw new DataException(
          imageName
              + ": header asks for "
              + count
              + " images of "
              + height
              + "x"
              + width
              + "; the file is damaged, fetch it again");
    }
    length(imageName, images.length, 16 + (long) count * height * width);
    ByteBuffer labelHead = header(labelName, labels, LABELS, 8);
    int labelCount = labelHead.getInt();
    length(labelName, labels.length, 8L + labelCount);
    if (labelCount != count) {
      throw new DataException(
          imageName
              + " has "
              + count
              + " images, but "
              + labelName
              + " has "
              + labelCount
              + " labels; they do not belong together");
    }
    int[] classes = new int[count];
    for (int i = 0; i < count; i++) {
      classes[i] = labels[8 + i];
      if (classes[i] < 0 || classes[i] >= classNames.size()) {
        throw new DataException(
            labelName
                + ": label "
                + i
                + " is "
                + classes[i]
                + ", beyond the "
                + classNames.size()
                + " classes");
      }
    }
    return new MemoryImages(
        height, width, 1, Arrays.copyOfRange(images, 16, images.length), classes, classNames);
  }

  private static ByteBuffer header(String name, byte[] bytes, int magic, int size) {
    if (bytes.length < size) {
      throw new DataException(
          name
              + " is truncated: "
              + bytes.length
              + " bytes, the header alone has "
              + size
              + "; fetch it again");
    }
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    int found = buffer.getInt();
    if (found != magic) {
      throw new DataException(
          name + " is no IDX file of this kind: it starts with " + found + ", expected " + magic);
    }
    return buffer;
  }

  private static void length(String name, long found, long expected) {
    if (found != expected) {
      throw new DataException(
          name
              + (found < expected ? " is truncated: " : " is too long: ")
              + found
              + " bytes, expected "
              + expected
              + "; fetch it again");
    }
  }
}
