package ibrik.ssl.augment;

import ibrik.ssl.data.Image;
import org.jspecify.annotations.Nullable;

/// No image has a subject: views keep their background.
public record NoSaliency() implements Saliency {
  @Override
  public boolean @Nullable [] of(Image image, String name) {
    return null;
  }
}
