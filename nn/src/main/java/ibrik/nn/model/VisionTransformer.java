package ibrik.nn.model;

import ibrik.nn.Build;
import ibrik.nn.LayerNorm;
import ibrik.nn.Parameter;
import ibrik.nn.PatchEmbed;
import ibrik.nn.TransformerBlock;
import ibrik.nn.init.Init;
import ibrik.tensor.Device;
import ibrik.tensor.LayoutOps;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.List;

/// Vision transformers: images `[N,H,W,C]` to the class token behind the last norm, `[N, dim]`.
///
/// Images of another size than the configured one, such as the small crops of DINO, get the
/// position embedding by bicubic interpolation.
///
/// **Source** Dosovitskiy et al. 2021, arXiv:2010.11929; ViT-tiny and ViT-small are those of
/// Touvron et al. 2021, arXiv:2012.12877, table 1.
///
/// **Deviations** position embeddings are interpolated to the exact size of the grid, where DINO's
/// code adds 0.1 to it; queries, keys and values have weights of their own, which the fused form
/// stacks.
public final class VisionTransformer extends Encoder {
  /// How a patch knows where it is.
  public enum Position {
    /// Learnt, also for the class token.
    LEARNED,
    /// Fixed sines and cosines of both coordinates; none for the class token (MoCo v3).
    SINCOS
  }

  /// How linear maps start; biases start at 0.
  public enum Start {
    /// Normal with deviation 0.02, cut off at two (ViT, DINO).
    NORMAL,
    /// Uniform by both fans (MoCo v3).
    XAVIER;

    private Init weights() {
      return this == NORMAL ? Init.truncatedNormal(SPREAD) : Init.xavierUniform();
    }
  }

  /// What networks of all sizes can have.
  ///
  /// @param image side of the square images for which positions are made, pixels
  /// @param patch side of a patch, pixels; it divides image
  /// @param channels channels of the images
  /// @param position how patches know their place
  /// @param frozenPatch leave the map from patches to tokens at its random start
  /// @param dropPath probability that the last block's branches are dropped; earlier ones in
  ///   proportion to their place
  /// @param start of linear maps
  public record Form(
      int image,
      int patch,
      int channels,
      Position position,
      boolean frozenPatch,
      double dropPath,
      Start start) {
    /// Checks the sizes.
    public Form {
      if (image < 1 || patch < 1 || channels < 1 || image % patch != 0) {
        throw new IllegalArgumentException(
            "[vision_transformer] sizes must be at least 1, and the patch size must divide the image;"
                + " got image %d, patch %d, channels %d".formatted(image, patch, channels));
      }
    }

    /// As ViT and DINO are trained: learnt positions, everything trained, nothing dropped.
    public static Form of(int image, int patch, int channels) {
      return new Form(image, patch, channels, Position.LEARNED, false, 0, Start.NORMAL);
    }

    /// This form as MoCo v3 trains it: fixed positions, frozen patches, Xavier start.
    public Form mocoV3() {
      return new Form(image, patch, channels, Position.SINCOS, true, dropPath, Start.XAVIER);
    }

    /// This form with stochastic depth.
    public Form dropPath(double rate) {
      return new Form(image, patch, channels, position, frozenPatch, rate, start);
    }

    /// Patches along one side.
    int side() {
      return image / patch;
    }
  }

  /// A network's size.
  ///
  /// @param dim numbers per token
  /// @param depth number of blocks
  /// @param heads heads per block; they divide dim
  /// @param form everything else
  public record Config(int dim, int depth, int heads, Form form) {
    /// Checks the sizes.
    public Config {
      if (dim < 1 || depth < 1 || heads < 1) {
        throw new IllegalArgumentException(
            "[vision_transformer] all sizes must be at least 1; got dim %d, depth %d, heads %d"
                .formatted(dim, depth, heads));
      }
      if (form.position() == Position.SINCOS && dim % 4 != 0) {
        throw new IllegalArgumentException(
            "[vision_transformer] sines and cosines of two coordinates need a dim divisible by 4;"
                + " got "
                + dim);
      }
    }
  }

  private static final int EXPANSION = 4;
  private static final double SPREAD = 0.02;

  private final Config config;
  private final Form form;
  private final PatchEmbed patches;
  private final Parameter classToken;
  private final Tensor position;
  private final List<TransformerBlock> blocks = new ArrayList<>();
  private final LayerNorm norm;

  /// A network of this form.
  public VisionTransformer(Build build, Config config) {
    super(build);
    this.config = config;
    this.form = config.form();
    int dim = config.dim();
    Init init = form.start().weights();
    boolean xavier = form.start() == Start.XAVIER;
    patches =
        child(
            "patches",
            b -> new PatchEmbed(b, form.patch(), form.channels(), dim, form.frozenPatch(), init));
    Init token = xavier ? Init.normal(1e-6) : Init.truncatedNormal(SPREAD);
    classToken = parameter("class_token", Parameter.Role.BIAS, token, 1, 1, dim);
    long tokens = 1 + (long) form.side() * form.side();
    position =
        form.position() == Position.SINCOS
            ? constant("position", (spec, _, _, device) -> sines(spec, device), tokens, dim).value()
            : parameter("position", Parameter.Role.BIAS, Init.truncatedNormal(SPREAD), tokens, dim)
                .value();
    for (int i = 0; i < config.depth(); i++) {
      double share = config.depth() == 1 ? 1 : (double) i / (config.depth() - 1);
      blocks.add(
          child(
              "block" + i,
              b ->
                  new TransformerBlock(
                      b, dim, config.heads(), EXPANSION * dim, share * form.dropPath(), init)));
    }
    norm = child("norm", b -> new LayerNorm(b, dim));
  }

  /// A row of zeros for the class token, then the patches.
  private Tensor sines(TensorSpec spec, Device device) {
    int side = form.side();
    double[] grid = Grid.sines(side, side, config.dim());
    double[] all = new double[config.dim() + grid.length];
    System.arraycopy(grid, 0, all, config.dim(), grid.length);
    return Tensor.of(all, all.length).reshape(spec.shape()).cast(spec.dtype()).to(device);
  }

  @Override
  public int featureDim() {
    return config.dim();
  }

  @Override
  public Tensor forward(Tensor x) {
    Tensor tokens = tokens(x);
    return tokens.narrow(1, 0, 1).reshape(tokens.dim(0), config.dim());
  }

  /// All tokens behind the last norm, `[N, 1 + patches, dim]`; the class token is the first.
  public Tensor tokens(Tensor x) {
    Tensor embedded = patches.forward(x);
    Shape one = Shape.of(x.dim(0), 1, config.dim());
    Tensor y =
        LayoutOps.concat(1, List.of(classToken.value().broadcastTo(one), embedded))
            .add(positions((int) x.dim(1) / form.patch(), (int) x.dim(2) / form.patch()));
    for (TransformerBlock block : blocks) {
      y = block.forward(y);
    }
    return norm.forward(y);
  }

  /// The embedding for a grid of this size.
  private Tensor positions(int height, int width) {
    int side = form.side();
    if (height == side && width == side) {
      return position;
    }
    Tensor grid = position.narrow(0, 1, (long) side * side);
    Tensor matrix = Grid.resize(side, height, width).cast(position.dtype()).to(position.device());
    return LayoutOps.concat(0, List.of(position.narrow(0, 0, 1), matrix.matMul(grid)));
  }

  @Override
  protected String detail() {
    return "patch %d, image %d, depth %d".formatted(form.patch(), form.image(), config.depth());
  }
}
