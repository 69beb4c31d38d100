package ibrik.ssl.config;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import ibrik.ssl.method.Require;
import org.jspecify.annotations.Nullable;

/// Which images a run sees.
///
/// @param name one of the registered data sets
/// @param dir where its files lie; null for embedded sets
/// @param limit most training images; 0: all
/// @param strict fail on the first image that cannot be decoded instead of skipping it
/// @param imageSize rows and columns of a view; 0: those of the data
public record DataConfig(
    @JsonPropertyDescription("data set; `ibrik list data` names them") String name,
    @JsonPropertyDescription("folder of its files (default: $IBRIK_DATA)") @Nullable String dir,
    @JsonPropertyDescription("use at most so many training images; 0: all") int limit,
    @JsonPropertyDescription("fail on an image that cannot be decoded instead of skipping it")
        boolean strict,
    @JsonPropertyDescription("rows and columns of a view, pixels; 0: as the data is")
        int imageSize) {
  /// Checks the ranges.
  public DataConfig {
    Require.notNegative("limit", limit);
    Require.check(
        imageSize == 0 || (imageSize >= 8 && imageSize <= 1024),
        "image_size",
        "0 or between 8 and 1024",
        imageSize);
  }
}
