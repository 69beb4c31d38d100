package ibrik.tensor;

import ibrik.tensor.exec.Interpreter;
import ibrik.tensor.op.ImageOp;
import java.util.List;

/// From images to what a network sees. Rules: [ImageOp].
public sealed interface ImageOps permits Tensor {
  /// A view of each image, u8 `[N,H,W,C]`: cropped, resized, flipped, jittered, blurred, solarised
  /// and normalised as `recipe` says and as drawn in `parameters`, f32 `[N,13]`: rows of
  /// [ibrik.tensor.op.ViewParameters].
  default Tensor augment(Tensor parameters, ImageOp.Augment recipe) {
    return Interpreter.current().apply1(recipe, List.of((Tensor) this, parameters));
  }

  /// The same with all grey but the `subject` of each image, bool `[N,H,W]`.
  default Tensor augment(Tensor parameters, Tensor subject, ImageOp.Augment recipe) {
    return Interpreter.current().apply1(recipe, List.of((Tensor) this, parameters, subject));
  }
}
