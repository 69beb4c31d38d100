package ibrik.ssl.data;

import ibrik.ssl.augment.Saliency;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Masks in a folder, one PNG file per image: of the image's size, white where its subject is.
///
/// The file of an image is named as the image is ([ImageSet#name]), with `.png` for its ending:
/// `train/cat/7.jpg` has the mask `train/cat/7.png`, the eighth image of a set without files
/// `7.png`. A pixel of at least half brightness belongs to the subject; a subject of less than 1 %
/// of the area is none.
public final class MaskFiles implements Saliency {
  private static final int HALF = 128;
  private static final double LEAST_SHARE = 0.01;

  /// Longest file, bytes.
  private static final int MAX_BYTES = 1 << 26;

  private final Path folder;
  private final String fingerprint;

  private MaskFiles(Path folder, String fingerprint) {
    this.folder = folder;
    this.fingerprint = fingerprint;
  }

  /// The masks of `images`: all must be there, and that of the first is looked at.
  ///
  /// @throws DataException if one is missing or cannot be read, or the first is no mask of its
  ///   image
  public static MaskFiles open(Path folder, ImageSet images) {
    DataFiles.folder("masks", folder);
    List<String> missing =
        IntStream.range(0, images.size())
            .mapToObj(images::name)
            .filter(name -> !Files.exists(file(folder, name)))
            .toList();
    if (!missing.isEmpty()) {
      throw new DataException(
          "masks: "
              + folder
              + " has none for "
              + missing.size()
              + " of "
              + images.size()
              + " training images; the first is "
              + file(folder, missing.getFirst())
              + "; add them, or use --saliency border");
    }
    Fingerprint sum = new Fingerprint();
    for (int i = 0; i < images.size(); i++) {
      String name = images.name(i);
      sum.add(name, DataFiles.read(file(folder, name), MAX_BYTES));
    }
    MaskFiles masks = new MaskFiles(folder, sum.hex());
    if (images.size() > 0) {
      masks.read(images.image(0), images.name(0));
    }
    return masks;
  }

  /// SHA-256 over all masks.
  public String fingerprint() {
    return fingerprint;
  }

  @Override
  public boolean @Nullable [] of(Image image, String name) {
    boolean[] subject = read(image, name);
    int size = 0;
    for (boolean inside : subject) {
      size += inside ? 1 : 0;
    }
    return size < LEAST_SHARE * subject.length ? null : subject;
  }

  private boolean[] read(Image image, String name) {
    Path file = file(folder, name);
    Image mask = decode(file);
    if (mask.height() != image.height() || mask.width() != image.width()) {
      throw new DataException(
          file
              + " is no mask of image "
              + name
              + ": it is "
              + mask.height()
              + "x"
              + mask.width()
              + ", the image "
              + image.height()
              + "x"
              + image.width());
    }
    boolean[] subject = new boolean[mask.height() * mask.width()];
    for (int i = 0; i < subject.length; i++) {
      subject[i] = (mask.pixels()[i * mask.channels()] & 0xFF) >= HALF;
    }
    return subject;
  }

  private static Image decode(Path file) {
    try {
      return ImageDecoder.decode(DataFiles.read(file, MAX_BYTES));
    } catch (IOException broken) {
      throw new DataException(
          file + " cannot be decoded: " + broken.getMessage() + "; make it again", broken);
    }
  }

  private static Path file(Path folder, String name) {
    return folder.resolve(name.replaceFirst("\\.[A-Za-z0-9]+$", "") + ".png");
  }
}
