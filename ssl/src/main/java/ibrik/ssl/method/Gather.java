package ibrik.ssl.method;

import ibrik.tensor.Tensor;
import java.util.Arrays;

/// How a loss sees the images of all devices of a run; what differs between one device and several
/// is behind it.
///
/// The rule is one for all methods. Each of W devices runs the networks on B images of its own,
/// gathers every embedding that its loss, queue, centre or clustering reads, and computes the loss
/// of the union of all `W B` images: every device gets the same number. Gradients flow into its own
/// rows only, so that the gradients of the parameters, **summed** over the devices (not averaged),
/// are the gradient of that loss. For that no trained parameter may be applied after the gather: it
/// would be counted W times. Losses that are means over images obey the same rule, though they
/// could do without.
///
/// What is gathered was computed from own images and from what all devices hold alike: parameters,
/// queues, step and seed. Random numbers for the union are drawn after the gather, by the key of
/// the run, and are alike everywhere. Batch norms keep the statistics of their own device:
/// synchronised norms are another seam.
public interface Gather {
  /// One device: all rows are its own, and nothing is copied.
  static Gather alone() {
    return new Alone();
  }

  /// See [#alone()].
  record Alone() implements Gather {
    @Override
    public int devices() {
      return 1;
    }

    @Override
    public Tensor rows(Tensor own) {
      return own;
    }
  }

  /// W, at least 1.
  int devices();

  /// `[B, ...]` to `[W B, ...]`, device after device in the same order everywhere. The gradient
  /// reaches the own rows; those of other devices are constants.
  ///
  /// It is a collective: it ends when all devices have called it, and the calls of the devices are
  /// matched by their order alone. So all devices make the same calls with the same shapes, and
  /// none may depend on values.
  ///
  /// @param own of any dtype; methods gather integers, too
  Tensor rows(Tensor own);

  /// [#rows], checked: what methods call.
  ///
  /// @throws IllegalStateException unless the result is `[W B, ...]`
  default Tensor union(Tensor own) {
    Tensor all = rows(own);
    long[] want = own.shape().dims();
    want[0] = Math.multiplyExact(want[0], devices());
    if (all.dtype() != own.dtype() || !Arrays.equals(all.shape().dims(), want)) {
      throw new IllegalStateException(
          "[gather] must give the rows of all "
              + devices()
              + " devices; got "
              + all.spec()
              + " for own: "
              + own.spec()
              + "; put the rows of the devices one after another, in the order of their numbers");
    }
    return all;
  }

  /// The same for several views, `[V B, D]` to `[V W B, D]`: view after view, and within a view
  /// device after device.
  ///
  /// @throws IllegalArgumentException unless the rows are a multiple of the views
  default Tensor unionOfViews(Tensor own, int views) {
    if (own.rank() != 2 || views < 1 || own.dim(0) % views != 0) {
      throw new IllegalArgumentException(
          "[gather] own must be [V B, D]; got "
              + own.spec()
              + " of "
              + views
              + " views; put the views one after another along the first axis");
    }
    Tensor all = union(own);
    if (devices() == 1 || views == 1) {
      return all;
    }
    // One collective brings [W, V, B D]; views come to the front afterwards.
    long perView = own.elems() / views;
    return all.reshape(devices(), views, perView).transpose(1, 0, 2).reshape(all.shape());
  }
}
