package ibrik.nn.model;

import ibrik.nn.BatchNorm;
import ibrik.nn.Build;
import ibrik.nn.Conv2d;
import ibrik.nn.Identity;
import ibrik.nn.MaxPool2d;
import ibrik.nn.Module;
import ibrik.nn.Sequential;
import ibrik.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// Residual networks with post-activation blocks, up to the global average pool: images `[N,H,W,C]`
/// to `[N, featureDim]`. Shortcuts that change shape are 1x1 convolutions with batch norm (option
/// B). Parameters are named `layer2.0.conv1.weight`: stage from 1, block from 0.
///
/// **Source** He et al. 2016, arXiv:1512.03385: ResNet-18/34/50 section 4.1, the CIFAR family
/// (ResNet-8, -20, ... = 6n+2) section 4.2.
///
/// **Deviations** the CIFAR family uses option B shortcuts where the paper uses option A; the CIFAR
/// stem for ResNet-18/34/50 is 3x3, stride 1, without max-pool, as is common; a bottleneck strides
/// in its 3x3 layer, not in its first 1x1 layer, as is common since.
public final class ResNet extends Encoder {
  /// The layers before the first block.
  public enum Stem {
    /// 7x7 stride 2 and max-pool 3x3 stride 2.
    IMAGENET,
    /// 3x3 stride 1.
    CIFAR,
    /// 3x3 stride 2: a quarter of the work, which small grey images hardly miss.
    HALF
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
    /// Copies the lists and checks the sizes.
    public Config {
      blocks = List.copyOf(blocks);
      widths = List.copyOf(widths);
      if (blocks.isEmpty()
          || blocks.size() != widths.size()
          || blocks.stream().anyMatch(b -> b < 1)
          || widths.stream().anyMatch(w -> w < 1)
          || channels < 1) {
        throw new IllegalArgumentException(
            "[resnet] needs one block count and one width per stage, each at least 1, and at least one"
                + " image channel; got blocks "
                + blocks
                + ", widths "
                + widths
                + ", channels "
                + channels);
      }
    }
  }

  private final Conv2d conv1;
  private final BatchNorm bn1;
  private final Module pool;
  private final List<Sequential> stages = new ArrayList<>();
  private final int featureDim;

  /// A network of this form.
  public ResNet(Build build, Config config) {
    super(build);
    boolean big = config.stem() == Stem.IMAGENET;
    int width = config.widths().getFirst();
    conv1 =
        child(
            "conv1",
            b -> {
              int stride = config.stem() == Stem.CIFAR ? 1 : 2;
              return new Conv2d(b, config.channels(), width, big ? 7 : 3, stride, big ? 3 : 1);
            });
    bn1 = child("bn1", b -> new BatchNorm(b, width));
    pool = child("pool", b -> big ? new MaxPool2d(b, 3, 2, 1) : new Identity(b));
    int expansion = config.bottleneck() ? 4 : 1;
    int in = width;
    for (int i = 0; i < config.blocks().size(); i++) {
      int stage = i;
      int from = in;
      stages.add(child("layer" + (stage + 1), b -> stage(b, config, stage, from, expansion)));
      in = config.widths().get(stage) * expansion;
    }
    featureDim = in;
  }

  private static Sequential stage(Build build, Config config, int stage, int in, int expansion) {
    int width = config.widths().get(stage);
    Sequential blocks = new Sequential(build);
    blocks.add(b -> new Block(b, in, width, stage == 0 ? 1 : 2, config));
    for (int i = 1; i < config.blocks().get(stage); i++) {
      blocks.add(b -> new Block(b, width * expansion, width, 1, config));
    }
    return blocks;
  }

  @Override
  public int featureDim() {
    return featureDim;
  }

  @Override
  public Tensor forward(Tensor x) {
    Tensor y = pool.forward(bn1.relu(conv1.forward(x)));
    for (Sequential stage : stages) {
      y = stage.forward(y);
    }
    return y.as(y.dtype().wide()).globalAvgPool2d(); // features are f32
  }

  /// Two 3x3 layers, or 1x1 - 3x3 - 1x1 with four times the width at the end, added to the input.
  private static final class Block extends Module {
    private final List<Conv2d> convs = new ArrayList<>();
    private final List<BatchNorm> norms = new ArrayList<>();
    private final Module shortcut;

    Block(Build build, int in, int width, int stride, Config config) {
      super(build);
      double lastGamma = config.zeroLastGamma() ? 0 : 1;
      int out = config.bottleneck() ? 4 * width : width;
      if (config.bottleneck()) {
        layer(in, width, 1, 1, 1);
        layer(width, width, 3, stride, 1);
        layer(width, out, 1, 1, lastGamma);
      } else {
        layer(in, width, 3, stride, 1);
        layer(width, out, 3, 1, lastGamma);
      }
      shortcut =
          child(
              "shortcut",
              b -> stride == 1 && in == out ? new Identity(b) : projection(b, in, out, stride));
    }

    private void layer(int in, int out, int kernel, int stride, double gamma) {
      int number = convs.size() + 1;
      convs.add(child("conv" + number, b -> new Conv2d(b, in, out, kernel, stride, kernel / 2)));
      norms.add(child("bn" + number, b -> new BatchNorm(b, out, BatchNorm.Affine.FULL, gamma)));
    }

    private static Sequential projection(Build build, int in, int out, int stride) {
      return new Sequential(build)
          .add(b -> new Conv2d(b, in, out, 1, stride, 0))
          .add(b -> new BatchNorm(b, out));
    }

    @Override
    public Tensor forward(Tensor x) {
      Tensor y = x;
      for (int i = 0; i < convs.size() - 1; i++) {
        y = norms.get(i).relu(convs.get(i).forward(y));
      }
      y = convs.getLast().forward(y);
      return norms.getLast().addRelu(y, shortcut.forward(x));
    }

    @Override
    protected String detail() {
      return convs.size() + " layers";
    }
  }
}
