package ibrik.ssl.config;

import java.util.Map;

/// One hyper-parameter: where it stands in a configuration file, and the flag that sets it.
///
/// @param section object that holds it: `train`, `views`, the method's name, or empty at the top
/// @param key snake-case name within the section
/// @param type int, long, double, boolean, String or an enum
/// @param description one line for the help
public record Setting(String section, String key, Class<?> type, String description) {
  /// Flags that are not simply the key: the ones typed most, and keys that say too little alone.
  private static final Map<String, String> FLAGS =
      Map.of(
          "data.name", "data",
          "data.dir", "data-dir",
          "data.split", "data-split",
          "model.name", "model",
          "views.style", "jitter-style",
          "views.filter", "crop-filter",
          "views.size", "crop-size");

  /// `train.base_lr`.
  public String path() {
    return section.isEmpty() ? key : section + "." + key;
  }

  /// `base-lr`, to be typed with two dashes in front.
  public String flag() {
    return FLAGS.getOrDefault(path(), key.replace('_', '-'));
  }

  /// Whether each view of an image has its own.
  public boolean perView() {
    return section.equals(Schema.VIEWS);
  }
}
