package ibrik.autograd;

import static ibrik.autograd.Rules.apply;
import static ibrik.autograd.Rules.list;

import ibrik.tensor.Tensor;
import ibrik.tensor.op.Conv3dGeometry;
import ibrik.tensor.op.Video;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Gradient rules of [Video]. As for images, the three convolutions are the gradients of one
/// another.
final class VideoVjp {
  private VideoVjp() {}

  static List<@Nullable Tensor> vjp(Video op, Pull pull) {
    Tensor a = pull.in(0);
    Tensor b = pull.in(1);
    Tensor ct = pull.ct();
    return switch (op) {
      case Video.Conv3d(Conv3dGeometry g) ->
          list(
              pull.needs(0) ? data(g, ct, b, a) : null, pull.needs(1) ? weight(g, a, ct, b) : null);
      // ct has the role of x here.
      case Video.Conv3dBackwardData(Conv3dGeometry g, _, _, _) ->
          list(pull.needs(0) ? ct.conv3d(b, g) : null, pull.needs(1) ? weight(g, ct, a, b) : null);
      // ct has the role of w here.
      case Video.Conv3dBackwardWeight(Conv3dGeometry g, _, _, _) ->
          list(pull.needs(0) ? data(g, b, ct, a) : null, pull.needs(1) ? a.conv3d(ct, g) : null);
    };
  }

  /// The gradient for videos of the size of `x`.
  private static Tensor data(Conv3dGeometry g, Tensor dy, Tensor w, Tensor x) {
    return apply(new Video.Conv3dBackwardData(g, x.dim(1), x.dim(2), x.dim(3)), dy, w);
  }

  /// The gradient for weights of the size of `w`.
  private static Tensor weight(Conv3dGeometry g, Tensor x, Tensor dy, Tensor w) {
    return apply(new Video.Conv3dBackwardWeight(g, w.dim(1), w.dim(2), w.dim(3)), x, dy);
  }
}
