package ibrik.ssl.augment;

import ibrik.ssl.data.Image;
import org.jspecify.annotations.Nullable;

/// Says which pixels of an image belong to its subject. Called from several threads.
///
/// Masks of a saliency network, or of a data set that has them, come in through this door; where
/// there is none, [BorderSaliency] guesses, and [NoSaliency] does not.
@FunctionalInterface
public interface Saliency {
  /// The mask, one entry per pixel, rows from the top; null where no subject stands out.
  ///
  /// @param name of the image in its set, for masks that are kept elsewhere; empty where unknown
  boolean @Nullable [] of(Image image, String name);
}
