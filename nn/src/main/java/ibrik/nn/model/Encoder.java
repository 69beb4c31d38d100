package ibrik.nn.model;

import ibrik.nn.Build;
import ibrik.nn.Module;

/// A module that turns images `[N,H,W,C]` into features `[N, featureDim]`.
public abstract class Encoder extends Module {
  /// An encoder made as `build` says.
  protected Encoder(Build build) {
    super(build);
  }

  /// Width of the features.
  public abstract int featureDim();
}
