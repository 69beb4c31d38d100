package ibrik.tensor.op;

import ibrik.tensor.LayoutOps;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.Tensors;
import ibrik.tensor.exec.Interpreter;
import java.util.ArrayList;
import java.util.List;

/// Convolutions over space and time: videos are `[N,D,H,W,C]` with D frames, weights `[K,T,R,S,C]`.
/// Each is a sum over the T taps in time of a convolution of images; so is its composition.
public sealed interface Video extends Op, Composite {
  /// `y[n,o,p,q,k] = sum_{t,r,s,c} x[n, o*stride+t*dilation-pad, p..., q..., g*C/groups + c]
  /// w[k,t,r,s,c]`, with zeros outside; `g` is the group of output channel `k`.
  record Conv3d(Conv3dGeometry geometry) implements Video {
    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Check check = Check.of(this, in, "x", "w").floating().sameType(0, 1).rank(0, 5).rank(1, 5);
      check.done();
      Shape x = in.get(0).shape();
      Shape w = in.get(1).shape();
      int groups = geometry.image().groups();
      List<Long> out = places(geometry, x, w.dim(1), w.dim(2), w.dim(3));
      check
          .rule(
              x.dim(4) == w.dim(4) * groups,
              "channels of x must be those of w times groups = " + groups)
          .rule(w.dim(0) % groups == 0, "output channels must be divisible by groups = " + groups)
          .rule(
              out.stream().allMatch(extent -> extent > 0),
              "padded video must not be smaller than the dilated kernel",
              "add padding or use a smaller kernel")
          .done();
      return List.of(
          in.getFirst().with(Shape.of(x.dim(0), out.get(0), out.get(1), out.get(2), w.dim(0))));
    }

    @Override
    public List<Tensor> compose(List<Tensor> in) {
      Tensor x = in.get(0);
      Tensor w = in.get(1);
      Tensor sum = null;
      long frames = geometry.outFrames(x.dim(1), w.dim(1));
      for (TimeTap tap : TimeTap.of(geometry, x.dim(1), w.dim(1), frames)) {
        Tensor y = images(tap.inputs(x)).conv2d(tap.weight(w), geometry.image());
        Tensor part = tap.among(videos(y, tap.count()), frames);
        sum = sum == null ? part : sum.add(part);
      }
      return List.of(sum == null ? zeros(result(this, in), x) : sum);
    }
  }

  /// The gradient of [Conv3d] for x: inputs `dy [N,O,P,Q,K]`, `w [K,T,R,S,C/groups]`, output `dx
  /// [N,frames,height,width,C]`. Also called transposed convolution.
  record Conv3dBackwardData(Conv3dGeometry geometry, long frames, long height, long width)
      implements Video {
    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Check check = Check.of(this, in, "dy", "w").floating().sameType(0, 1).rank(0, 5).rank(1, 5);
      check.done();
      Shape dy = in.get(0).shape();
      Shape w = in.get(1).shape();
      int groups = geometry.image().groups();
      Shape dx = Shape.of(dy.dim(0), frames, height, width, w.dim(4) * groups);
      check
          .rule(dy.dim(4) == w.dim(0), "channels of dy must be the output channels of w")
          .rule(w.dim(0) % groups == 0, "output channels must be divisible by groups = " + groups)
          .rule(
              places(dy).equals(places(geometry, dx, w.dim(1), w.dim(2), w.dim(3))),
              "dy must have the size that a video of "
                  + frames
                  + "x"
                  + height
                  + "x"
                  + width
                  + " gives")
          .done();
      return List.of(in.getFirst().with(dx));
    }

    @Override
    public List<Tensor> compose(List<Tensor> in) {
      Tensor dy = in.get(0);
      Tensor w = in.get(1);
      Tensor sum = null;
      Op image = new Linear.Conv2dBackwardData(geometry.image(), height, width);
      for (TimeTap tap : TimeTap.of(geometry, frames, w.dim(1), dy.dim(1))) {
        Tensor dx = apply(image, images(tap.outputs(dy)), tap.weight(w));
        Tensor part = tap.back(videos(dx, tap.count()), frames);
        sum = sum == null ? part : sum.add(part);
      }
      return List.of(sum == null ? zeros(result(this, in), dy) : sum);
    }
  }

  /// The gradient of [Conv3d] for w: inputs `x [N,D,H,W,C]`, `dy [N,O,P,Q,K]`, output `dw
  /// [K,taps,rows,columns,C/groups]`.
  record Conv3dBackwardWeight(Conv3dGeometry geometry, long taps, long rows, long columns)
      implements Video {
    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Check check = Check.of(this, in, "x", "dy").floating().sameType(0, 1).rank(0, 5).rank(1, 5);
      check.done();
      Shape x = in.get(0).shape();
      Shape dy = in.get(1).shape();
      int groups = geometry.image().groups();
      check
          .rule(x.dim(0) == dy.dim(0), "x and dy must have one batch size")
          .rule(
              x.dim(4) % groups == 0 && dy.dim(4) % groups == 0,
              "channels must be divisible by groups = " + groups)
          .rule(
              places(dy).equals(places(geometry, x, taps, rows, columns)),
              "dy must have the size that x gives with a "
                  + taps
                  + "x"
                  + rows
                  + "x"
                  + columns
                  + " kernel")
          .done();
      return List.of(
          in.getFirst().with(Shape.of(dy.dim(4), taps, rows, columns, x.dim(4) / groups)));
    }

    @Override
    public List<Tensor> compose(List<Tensor> in) {
      Tensor x = in.get(0);
      Tensor dy = in.get(1);
      TensorSpec dw = result(this, in);
      TensorSpec one = dw.with(dw.shape().with(1, 1));
      Op image = new Linear.Conv2dBackwardWeight(geometry.image(), rows, columns);
      List<Tensor> parts = new ArrayList<>();
      for (TimeTap tap : TimeTap.of(geometry, x.dim(1), taps, dy.dim(1))) {
        while (parts.size() < tap.number()) {
          parts.add(zeros(one, x)); // reads zeros only
        }
        Tensor part = apply(image, images(tap.inputs(x)), images(tap.outputs(dy)));
        parts.add(part.reshape(one.shape()));
      }
      while (parts.size() < taps) {
        parts.add(zeros(one, x));
      }
      return List.of(LayoutOps.concat(1, parts));
    }
  }

  /// `[N,D,H,W,C]` as `[N*D,H,W,C]`.
  private static Tensor images(Tensor video) {
    return video.reshape(video.dim(0) * video.dim(1), video.dim(2), video.dim(3), video.dim(4));
  }

  /// `[N*D,H,W,C]` as `[N,D,H,W,C]`.
  private static Tensor videos(Tensor images, long frames) {
    return images.reshape(
        images.dim(0) / frames, frames, images.dim(1), images.dim(2), images.dim(3));
  }

  private static List<Long> places(Conv3dGeometry g, Shape x, long taps, long rows, long columns) {
    return List.of(
        g.outFrames(x.dim(1), taps),
        g.image().outHeight(x.dim(2), rows),
        g.image().outWidth(x.dim(3), columns));
  }

  private static List<Long> places(Shape y) {
    return List.of(y.dim(1), y.dim(2), y.dim(3));
  }

  private static TensorSpec result(Video op, List<Tensor> in) {
    return op.infer(in.stream().map(Tensor::spec).toList()).getFirst();
  }

  private static Tensor zeros(TensorSpec spec, Tensor beside) {
    return Tensors.full(spec, 0, beside.device());
  }

  private static Tensor apply(Op op, Tensor a, Tensor b) {
    return Interpreter.current().apply1(op, List.of(a, b));
  }
}
