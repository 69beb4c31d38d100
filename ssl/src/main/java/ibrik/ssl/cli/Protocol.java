package ibrik.ssl.cli;

import java.util.Locale;

/// Ways to measure an encoder, as they are typed: small letters, with dashes.
enum Protocol {
  /// All of the final evaluation, and the report.
  ALL,
  /// Weighted k-NN.
  KNN,
  /// Logistic regression by L-BFGS.
  LINEAR,
  /// Linear probe by SGD.
  LINEAR_SGD,
  /// The whole encoder trained further with all labels.
  FINE_TUNE,
  /// The same with some labels, and logistic regression beside it.
  SEMI,
  /// Collapse monitors, RankMe and other ranks.
  HEALTH,
  /// Eigenvalues of the covariance.
  SPECTRUM,
  /// Alignment of two views and uniformity.
  ALIGNMENT,
  /// k-means against classes.
  CLUSTERS,
  /// The method's own prototypes against classes.
  ASSIGNMENTS,
  /// Images of the same class among the nearest.
  RETRIEVAL,
  /// Calibration of the logistic regression.
  CALIBRATION,
  /// Five-way episodes with one and five shots.
  FEW_SHOT,
  /// Health, k-NN, logistic regression, calibration, clusters and retrieval.
  SUITE;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
