package ibrik.ssl.method;

import ibrik.nn.Build;
import ibrik.nn.model.Encoder;
import ibrik.ssl.augment.View;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/// Makes a method from its configuration, and knows the paper's recipe.
///
/// @param <C> the method's own hyper-parameters, a record whose compact constructor checks them
public interface MethodFactory<C extends Record> {
  /// What the run fixes for a method.
  ///
  /// @param build where and from which seed networks are made
  /// @param encoder makes an encoder
  /// @param classes number of classes of the data, 0 where unknown
  /// @param batchSize images per batch of one device
  /// @param steps of the whole run
  /// @param images number of training images, those of all devices
  /// @param gather joins the embeddings of several devices
  record Setting(
      Build build,
      Function<Build, Encoder> encoder,
      int classes,
      int batchSize,
      long steps,
      int images,
      Gather gather) {
    /// Checks the number of devices.
    public Setting {
      Require.positive("devices", gather.devices());
    }

    /// A run on one device.
    public Setting(
        Build build,
        Function<Build, Encoder> encoder,
        int classes,
        int batchSize,
        long steps,
        int images) {
      this(build, encoder, classes, batchSize, steps, images, Gather.alone());
    }

    /// A run of one epoch.
    public Setting(
        Build build, Function<Build, Encoder> encoder, int classes, int batchSize, long steps) {
      this(
          build,
          encoder,
          classes,
          batchSize,
          steps,
          Math.toIntExact(batchSize * Math.max(1, steps)));
    }

    /// Images per step, those of all devices: what losses, queues and quantiles count.
    public int unionSize() {
      return Math.multiplyExact(batchSize, gather.devices());
    }

    /// Steps in one pass over the images; the last, incomplete batch is left out.
    public long stepsPerEpoch() {
      return Math.max(1, images / unionSize());
    }
  }

  /// What the images of a run are like: decides between presets where nobody names one.
  ///
  /// @param height rows of a view
  /// @param channels 1 or 3
  record Images(int height, int channels) {
    /// Small pictures such as CIFAR's, for which papers leave out the blur.
    public boolean small() {
      return height <= 64;
    }

    /// No colour to jitter.
    public boolean grey() {
      return channels == 1;
    }
  }

  /// What the user types.
  String name();

  /// What people call it.
  String title();

  /// One line with the paper.
  String summary();

  /// Type of the hyper-parameters.
  Class<C> configType();

  /// Hyper-parameters where the user gives none.
  C defaults(Preset preset);

  /// Hyper-parameters that were added after the first release, by their key in `config.json`, each
  /// with what runs did that have none: without them older runs cannot be opened.
  default Map<String, String> laterSettings() {
    return Map.of();
  }

  /// The optimiser's recipe where the user gives none.
  Recipe recipe(Preset preset);

  /// The views where the user gives none.
  List<View> views(Preset preset);

  /// Whether the last norm of each residual block starts at 0, as in the paper's code.
  default boolean zeroLastGamma() {
    return false;
  }

  /// The views for hyper-parameters that say how many there are.
  default List<View> views(C config, Preset preset) {
    return views(preset);
  }

  /// Makes the networks.
  ///
  /// @throws IllegalArgumentException if the data does not suit the method
  Method create(C config, Setting setting);
}
