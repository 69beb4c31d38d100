package ibrik.ssl.config;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import ibrik.ssl.data.Split;
import ibrik.ssl.method.Require;
import org.jspecify.annotations.Nullable;

/// Which images a run sees.
///
/// @param name one of the registered data sets
/// @param dir where its files lie; null for embedded sets
/// @param limit most training images; 0: all
/// @param strict fail on the first image that cannot be decoded instead of skipping it
/// @param imageSize rows and columns of a view; 0: those of the data
/// @param split which images are trained on and which tested on
/// @param saliency how views with a mask find their subject: `border`, `none`, or a folder of masks
public record DataConfig(
    @JsonPropertyDescription("data set; `ibrik list data` names them") String name,
    @JsonPropertyDescription("folder of its files (default: $IBRIK_DATA)") @Nullable String dir,
    @JsonPropertyDescription("use at most so many training images; 0: all") int limit,
    @JsonPropertyDescription("fail on an image that cannot be decoded instead of skipping it")
        boolean strict,
    @JsonPropertyDescription("rows and columns of a view, pixels; 0: as the data is") int imageSize,
    @JsonPropertyDescription(
            "test images: official (the data set's own), or holdout (the last fifth of the training"
                + " images, which are then not trained on)")
        Split split,
    @JsonPropertyDescription(
            "how views with --mask find their subject: border (by the colour of the rim), none, or a"
                + " folder with one PNG per training image")
        String saliency) {
  /// Subjects differ in colour from the rim of the image.
  public static final String BORDER = "border";

  private static final String NO_SUBJECTS = "none";

  /// Checks the ranges.
  public DataConfig {
    Require.notNegative("limit", limit);
    Require.check(
        imageSize == 0 || (imageSize >= 8 && imageSize <= 1024),
        "image_size",
        "0 or between 8 and 1024",
        imageSize);
    Require.check(
        !saliency.isBlank(), "saliency", "border, none or a folder", "'" + saliency + "'");
  }

  /// Whether there is a folder of masks.
  public boolean masked() {
    return !saliency.equals(BORDER) && !saliency.equals(NO_SUBJECTS);
  }

  /// The same with other images to train and test on.
  public DataConfig withSplit(Split other) {
    return new DataConfig(name, dir, limit, strict, imageSize, other, saliency);
  }
}
