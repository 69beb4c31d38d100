/// How good features are: nearest neighbours, linear probes, clustering, retrieval, few-shot
/// episodes, calibration, collapse monitors and maps of frozen ones; and [FineTuning] of the
/// encoder itself.
///
/// All but that starts from a [FeatureBank]; classifiers give [Predictions]; scores are plain
/// numbers or records. Formulas follow scikit-learn and SciPy where those have the metric; each
/// class names its own conventions.
@NullMarked
package ibrik.ssl.eval;

import org.jspecify.annotations.NullMarked;
