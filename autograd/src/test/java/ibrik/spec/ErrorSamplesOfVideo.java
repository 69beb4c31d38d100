package ibrik.spec;

import static ibrik.spec.ErrorSample.broken;

import ibrik.tensor.op.Conv2dGeometry;
import ibrik.tensor.op.Conv3dGeometry;
import ibrik.tensor.op.Op;
import ibrik.tensor.op.Video;
import java.util.List;

/// One broken call per op and rule of [Video].
final class ErrorSamplesOfVideo {
  private static final String GROUPS = "output channels must be divisible by groups = 2";

  private ErrorSamplesOfVideo() {}

  static void add(List<ErrorSample> samples) {
    Conv3dGeometry g = new Conv3dGeometry(1, 0, 1, Conv2dGeometry.of(1, 0).grouped(2));
    Op conv = new Video.Conv3d(g);
    String cast = "cast one of them";
    String types = "x and w must have one element type";
    forward(samples, conv, types, "f32[1,2,5,5,4]", "f64[2,1,1,1,2]", cast);
    forward(samples, conv, "x must have 5 axes", "f32[5,5,4]", "f32[2,1,1,1,2]", "");
    String channels = "channels of x must be those of w times groups = 2";
    forward(samples, conv, channels, "f32[1,2,5,5,3]", "f32[2,1,1,1,2]", "");
    forward(samples, conv, GROUPS, "f32[1,2,5,5,4]", "f32[3,1,1,1,2]", "");
    String small = "padded video must not be smaller than the dilated kernel";
    String fix = "add padding or use a smaller kernel";
    forward(samples, conv, small, "f32[1,2,5,5,4]", "f32[2,3,1,1,2]", fix);
    forward(samples, conv, small, "f32[1,2,5,2,4]", "f32[2,1,1,3,2]", fix);

    Op data = new Video.Conv3dBackwardData(g, 2, 5, 5);
    String own = "channels of dy must be the output channels of w";
    data(samples, data, own, "f32[1,2,5,5,4]", "f32[2,1,1,1,2]");
    data(samples, data, GROUPS, "f32[1,2,5,5,3]", "f32[3,1,1,1,2]");
    String size = "dy must have the size that a video of 2x5x5 gives";
    data(samples, data, size, "f32[1,1,5,5,2]", "f32[2,1,1,1,2]");

    Op weight = new Video.Conv3dBackwardWeight(g, 1, 1, 1);
    String batch = "x and dy must have one batch size";
    weight(samples, weight, batch, "f32[1,2,5,5,4]", "f32[2,2,5,5,2]");
    String divisible = "channels must be divisible by groups = 2";
    weight(samples, weight, divisible, "f32[1,2,5,5,4]", "f32[1,2,5,5,3]");
    size = "dy must have the size that x gives with a 1x1x1 kernel";
    weight(samples, weight, size, "f32[1,2,5,5,4]", "f32[1,2,5,4,2]");
  }

  private static void forward(
      List<ErrorSample> samples, Op op, String rule, String x, String w, String fix) {
    samples.add(broken(op, rule, "x: " + x + ", w: " + w, fix, x, w));
  }

  private static void data(List<ErrorSample> samples, Op op, String rule, String dy, String w) {
    samples.add(broken(op, rule, "dy: " + dy + ", w: " + w, "", dy, w));
  }

  private static void weight(List<ErrorSample> samples, Op op, String rule, String x, String dy) {
    samples.add(broken(op, rule, "x: " + x + ", dy: " + dy, "", x, dy));
  }
}
