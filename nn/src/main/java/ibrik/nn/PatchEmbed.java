package ibrik.nn;

import ibrik.nn.init.Init;
import ibrik.tensor.Tensor;
import ibrik.tensor.op.Conv2dGeometry;

/// Cuts images `[N,H,W,C]` into square patches and maps each to `width` numbers: `[N,T,width]`,
/// patches row by row. Weight `[width, patch * patch * C]`.
///
/// **Source** Dosovitskiy et al. 2021, arXiv:2010.11929, eq. 1. A frozen map, random and never
/// trained, steadies training: Chen et al. 2021, arXiv:2104.02057, section 4.
public final class PatchEmbed extends Module {
  private final int patch;
  private final int channels;
  private final int width;
  private final boolean frozen;
  private final Precision precision;
  private final Tensor weight;
  private final Tensor bias;

  /// @param patch side of a patch, pixels
  /// @param channels of the images
  /// @param frozen keep the map as it starts: it is saved, but not trained
  /// @param init start of the weight; the bias starts at 0
  public PatchEmbed(Build build, int patch, int channels, int width, boolean frozen, Init init) {
    super(build);
    Sizes.positive("patch_embed", "patch", patch);
    Sizes.positive("patch_embed", "channels", channels);
    Sizes.positive("patch_embed", "width", width);
    this.patch = patch;
    this.channels = channels;
    this.width = width;
    this.frozen = frozen;
    this.precision = build.precision();
    int numbers = Math.multiplyExact(patch * patch, channels);
    if (frozen) {
      weight = buffer("weight", init, width, numbers).value();
      bias = buffer("bias", 0, width).value();
    } else {
      weight = parameter("weight", Parameter.Role.WEIGHT, init, width, numbers).value();
      bias = parameter("bias", Parameter.Role.BIAS, Init.constant(0), width).value();
    }
  }

  @Override
  public Tensor forward(Tensor x) {
    if (x.rank() == 4 && (x.dim(1) % patch != 0 || x.dim(2) % patch != 0)) {
      throw new IllegalArgumentException(
          "[patch_embed] the patch size must divide the image; got patch "
              + patch
              + " and x: "
              + x.spec()
              + "; choose another patch size or crop size");
    }
    Tensor kernel = weight.reshape(width, patch, patch, channels);
    Tensor y = precision.conv2d(x, kernel, Conv2dGeometry.of(patch, 0));
    return y.reshape(y.dim(0), y.dim(1) * y.dim(2), width).as(bias.dtype()).add(bias);
  }

  @Override
  protected String detail() {
    return patch + "x" + patch + "x" + channels + " -> " + width + (frozen ? ", frozen" : "");
  }
}
