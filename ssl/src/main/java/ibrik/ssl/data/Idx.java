package ibrik.ssl.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/// The IDX format of MNIST: big-endian counts, then bytes.
final class Idx {
  private static final int IMAGES = 2051;
  private static final int LABELS = 2049;

  private static final int MAX_SIDE = 4096;

  /// Pixels of all images together: what one Java array holds, with room for the header.
  private static final int MAX_BYTES = Integer.MAX_VALUE - 64;

  private Idx() {}

  /// The bytes of a file: as many as its header announces, and one more if there are more, so that
  /// a small file that unpacks without end cannot fill the memory.
  static byte[] take(InputStream in) throws IOException {
    byte[] head = in.readNBytes(16);
    long announced = announced(ByteBuffer.wrap(head));
    if (announced < head.length || announced > MAX_BYTES) {
      return head; // which `read` will refuse
    }
    byte[] rest = in.readNBytes((int) announced - head.length + 1);
    byte[] all = Arrays.copyOf(head, head.length + rest.length);
    System.arraycopy(rest, 0, all, head.length, rest.length);
    return all;
  }

  /// Bytes that the file must have, 0 if that cannot be told.
  private static long announced(ByteBuffer head) {
    if (head.remaining() < 8) {
      return 0;
    }
    int magic = head.getInt();
    long count = head.getInt();
    if (magic != IMAGES || head.remaining() < 8) {
      return magic == LABELS ? 8 + count : 0;
    }
    int height = head.getInt();
    int width = head.getInt();
    boolean sound = count > 0 && height > 0 && width > 0 && height <= MAX_SIDE && width <= MAX_SIDE;
    return sound ? 16 + count * height * width : 0;
  }

  /// Reads an image file and a label file, both unpacked.
  static ImageSet read(
      String imageName, byte[] images, String labelName, byte[] labels, List<String> classNames) {
    ByteBuffer head = header(imageName, images, IMAGES, 16);
    int count = head.getInt();
    int height = head.getInt();
    int width = head.getInt();
    if (count < 1
        || height < 1
        || width < 1
        || height > MAX_SIDE
        || width > MAX_SIDE
        || (long) count * height * width > MAX_BYTES) {
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
    if (labelCount < 0) {
      throw new DataException(
          labelName
              + ": header asks for "
              + labelCount
              + " labels; the file is damaged, fetch it again");
    }
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
      classes[i] = labels[8 + i] & 0xFF;
      if (classes[i] >= classNames.size()) {
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
