package ibrik.spec;

import static ibrik.spec.Input.normal;
import static ibrik.spec.OpSpec.flat;
import static ibrik.spec.OpSpec.smooth;

import ibrik.tensor.op.Conv2dGeometry;
import ibrik.tensor.op.Conv3dGeometry;
import ibrik.tensor.op.Video;
import java.util.List;

/// Samples of [Video].
final class VideoSpecs {
  private VideoSpecs() {}

  static void add(List<OpSpec> specs) {
    Conv2dGeometry still = Conv2dGeometry.of(1, 0);
    Conv2dGeometry same = Conv2dGeometry.of(1, 1);
    Size point = new Size(1, 1, 1, 1);
    conv(specs, Conv3dGeometry.of(1, 0), 1, new Size(1, 1, 1, 1), 1, point, true);
    conv(specs, Conv3dGeometry.of(1, 1), 0, new Size(3, 4, 4, 2), 3, cube(3), true);
    conv(specs, Conv3dGeometry.of(1, 1), 1, new Size(3, 3, 2, 2), 2, new Size(3, 2, 3, 2), true);
    conv(specs, new Conv3dGeometry(2, 1, 1, same), 1, new Size(4, 2, 3, 1), 2, cube(3), true);
    conv(specs, new Conv3dGeometry(2, 3, 2, still), 2, new Size(3, 2, 1, 2), 2, tube(3), true);
    // Frames that no tap reads, frames that read none, taps that read none.
    conv(specs, new Conv3dGeometry(3, 0, 1, still), 1, new Size(5, 2, 2, 2), 2, tube(1), true);
    conv(specs, new Conv3dGeometry(2, 3, 1, still), 1, new Size(1, 2, 2, 2), 2, tube(1), true);
    conv(specs, new Conv3dGeometry(1, 2, 1, still), 2, new Size(1, 2, 3, 2), 3, tube(5), true);
    // The layers of networks of videos: stem, whole, in space, in time, pointwise.
    Conv3dGeometry stem = new Conv3dGeometry(1, 1, 1, Conv2dGeometry.of(2, 3));
    conv(specs, stem, 2, new Size(4, 19, 18, 3), 20, new Size(3, 7, 7, 3), false);
    conv(specs, Conv3dGeometry.of(1, 1), 2, new Size(4, 9, 8, 17), 33, cube(3), false);
    conv(specs, Conv3dGeometry.of(2, 1), 3, new Size(5, 7, 7, 16), 18, cube(3), false);
    Conv3dGeometry inSpace = new Conv3dGeometry(1, 0, 1, Conv2dGeometry.of(2, 1));
    conv(specs, inSpace, 2, new Size(3, 14, 14, 16), 35, new Size(1, 3, 3, 16), false);
    Conv3dGeometry inTime = new Conv3dGeometry(1, 1, 1, still);
    conv(specs, inTime, 2, new Size(4, 7, 9, 35), 16, tube(3), false);
    conv(specs, new Conv3dGeometry(2, 1, 1, still), 2, new Size(7, 5, 5, 16), 16, tube(3), false);
    conv(
        specs,
        new Conv3dGeometry(2, 0, 1, Conv2dGeometry.of(2, 0)),
        2,
        new Size(4, 9, 9, 16),
        48,
        tube(1),
        false);
    // Blocks of rows.
    conv(specs, Conv3dGeometry.of(1, 1), 1, new Size(2, 40, 28, 16), 16, cube(3), false);
    // Narrow groups and wide ones.
    Conv3dGeometry depthwise = new Conv3dGeometry(1, 1, 1, same.grouped(19));
    conv(specs, depthwise, 2, new Size(3, 5, 6, 19), 19, cube(3), false);
    Conv3dGeometry groups = new Conv3dGeometry(2, 1, 1, Conv2dGeometry.of(2, 1).grouped(2));
    conv(specs, groups, 2, new Size(4, 6, 5, 10), 6, cube(3), false);
    conv(specs, groups, 2, new Size(4, 6, 5, 10), 68, cube(3), false);
  }

  /// Frames, rows, columns; the last extent, channels, is that of videos only.
  private record Size(long d, long h, long w, long c) {}

  private static Size cube(long side) {
    return new Size(side, side, side, 0);
  }

  /// A kernel of one pixel.
  private static Size tube(long frames) {
    return new Size(frames, 1, 1, 0);
  }

  private static void conv(
      List<OpSpec> specs, Conv3dGeometry g, long n, Size x, long k, Size w, boolean gradients) {
    long o = g.outFrames(x.d, w.d);
    long p = g.image().outHeight(x.h, w.h);
    long q = g.image().outWidth(x.w, w.w);
    long perGroup = x.c / g.image().groups();
    Input video = normal(n, x.d, x.h, x.w, x.c);
    Input weight = normal(k, w.d, w.h, w.w, perGroup);
    Input dy = normal(n, o, p, q, k);
    long taps = w.d * w.h * w.w;
    List<OpSpec> three =
        List.of(
            smooth(new Video.Conv3d(g), video, weight).depth(taps * perGroup),
            smooth(new Video.Conv3dBackwardData(g, x.d, x.h, x.w), dy, weight).depth(taps * k),
            smooth(new Video.Conv3dBackwardWeight(g, w.d, w.h, w.w), video, dy)
                .depth(n * o * p * q));
    for (OpSpec spec : three) {
      specs.add(
          gradients
              ? spec.finiteOnly()
              : flat(spec.op(), spec.inputs().toArray(Input[]::new))
                  .depth(spec.depth())
                  .finiteOnly());
    }
  }
}
