/// How good frozen features are: nearest neighbours, linear probes, clustering, retrieval, few-shot
/// episodes, calibration, collapse monitors and maps.
///
/// Everything starts from a [FeatureBank]; classifiers give [Predictions]; scores are plain numbers
/// or records. Formulas follow scikit-learn and SciPy where those have the metric; each class names
/// its own conventions.
@NullMarked
package ibrik.ssl.eval;

import org.jspecify.annotations.NullMarked;
