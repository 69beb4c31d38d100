package ibrik.nn.model;

import ibrik.nn.BatchNorm;
import ibrik.nn.Build;
import ibrik.nn.Conv2d;
import ibrik.nn.MaxPool2d;
import ibrik.nn.Module;
import ibrik.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Residual networks with post-activation blocks, up to the global average pool. Shortcuts that change
/// shape are 1x1 convolutions with batch norm (option B).
///
/// **Source** He et al. 2016, arXiv:1512.03385: ResNet-18/34/50 section 4.1, the CIFAR family
/// (ResNet-8, -20, ... = 6n+2) section 4.2. **Deviations** the CIFAR family uses option B shortcuts
/// where the paper uses option A; the CIFAR stem for ResNet-18/34/50 is 3x3, stride 1, without
/// max-pool, as is common.
public final class ResNet extends Encoder {
  /// The layers before the first block.
  public enum Stem {
    /// 7x7 stride 2 and max-pool 3x3 stride 2.
    IMAGENET,
    /// 3x3 stride 1.
    CIFAR
  }

  /// Shape of a network.
  ///
  /// @param blocks blocks per stage
  /// @param widths channels per stage (before a bottleneck's expansion by 4)
  /// @param bottleneck three-layer blocks instead of two-layer ones
  /// @param stem first layers
  /// @param channels channels of the images
  /// @param zeroLastGamma start the last norm of each block at 0
  public record Config(
      List<Integer> blocks,
      List<Integer> widths,
      boolean bottleneck,
      Stem stem,
      int channels,
      boolean zeroLastGamma) {
    /// Copies the lists.
    public Config {
      blocks = List.copyOf(blocks);
      widths = List.copyOf(widths);
    }
  }

  private final Conv2d conv1;
  private final BatchNorm bn1;
  private final @Nullable MaxPool2d pool;
  private final List<Block> blocks = new ArrayList<>();
  private final int featureDim;

  /// A network of this shape.
  public ResNet(Build build, Config config) {
    super(build);
    boolean big = config.stem() == Stem.IMAGENET;
    int width = config.widths().getFirst();
    conv1 =
        child(
            "conv1",
            new Conv2d(
                build.child("conv1"),
                config.channels(),
                width,
                big ? 7 : 3,
                big ? 2 : 1,
                big ? 3 : 1));
    bn1 = child("bn1", new BatchNorm(build.child("bn1"), width));
    pool = big ? child("maxpool", new MaxPool2d(build.child("maxpool"), 3, 2, 1)) : null;
    int in = width;
    for (int stage = 0; stage < config.blocks().size(); stage++) {
      int out = config.widths().get(stage) * (config.bottleneck() ? 4 : 1);
      for (int i = 0; i < config.blocks().get(stage); i++) {
        String name = "layer" + (stage + 1) + "_" + i;
        int stride = stage > 0 && i == 0 ? 2 : 1;
        blocks.add(child(name, new Block(build.child(name), in, out, stride, config)));
        in = out;
      }
    }
    featureDim = in;
  }

  @Override
  public int featureDim() {
    return featureDim;
  }

  @Override
  public Tensor forward(Tensor x) {
    Tensor y = bn1.forward(conv1.forward(x)).relu();
    y = pool == null ? y : pool.forward(y);
    for (Block block : blocks) {
      y = block.forward(y);
    }
    return y.globalAvgPool2d();
  }

  /// Two 3x3 layers, or 1x1 - 3x3 - 1x1, added to the input.
  private static final class Block extends Module {
    private final List<Conv2d> convs = new ArrayList<>();
    private final List<BatchNorm> norms = new ArrayList<>();
    private @Nullable Conv2d shortcut;
    private @Nullable BatchNorm shortcutNorm;

    Block(Build build, int in, int out, int stride, Config config) {
      super(build);
      if (config.bottleneck()) {
        layer(in, out / 4, 1, 1, 1);
        layer(out / 4, out / 4, 3, stride, 1);
        layer(out / 4, out, 1, 1, config.zeroLastGamma() ? 0 : 1);
      } else {
        layer(in, out, 3, stride, 1);
        layer(out, out, 3, 1, config.zeroLastGamma() ? 0 : 1);
      }
      if (stride != 1 || in != out) {
        shortcut =
            child("shortcut", new Conv2d(build.child("shortcut"), in, out, 1, stride, 0));
        shortcutNorm = child("shortcut_bn", new BatchNorm(build.child("shortcut_bn"), out));
      }
    }

    private void layer(int in, int out, int kernel, int stride, double gamma) {
      String conv = "conv" + (convs.size() + 1);
      String norm = "bn" + (convs.size() + 1);
      convs.add(
          child(conv, new Conv2d(build().child(conv), in, out, kernel, stride, kernel / 2)));
      norms.add(child(norm, new BatchNorm(build().child(norm), out, gamma)));
    }

    @Override
    public Tensor forward(Tensor x) {
      Tensor y = x;
      for (int i = 0; i < convs.size(); i++) {
        y = norms.get(i).forward(convs.get(i).forward(y));
        y = i < convs.size() - 1 ? y.relu() : y;
      }
      Tensor straight =
          shortcut == null || shortcutNorm == null
              ? x
              : shortcutNorm.forward(shortcut.forward(x));
      return y.add(straight).relu();
    }
  }
}
