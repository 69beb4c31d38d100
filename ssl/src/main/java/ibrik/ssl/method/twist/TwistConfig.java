package ibrik.ssl.method.twist;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import ibrik.ssl.method.Require;

/// Hyper-parameters of TWIST's own.
///
/// @param hidden width of the two hidden layers of the head; 4096 in the official code
/// @param classes number of made-up classes C; 4096 with multi-crop, 32768 with two crops
/// @param sharpness weight of the entropy of each sample, `1 + lam1` of the code; 1 for ResNets
/// @param diversity weight of the entropy of the mean, `lam2` of the code; 1
/// @param lastNorm whether a batch norm without scale and shift stands before the softmax
/// @param localCrops small views per image; 12 for ResNet-50
/// @param selfLabelEpochs last epochs that train on the model's own confident labels; 50 of 850
/// @param quantileStart share of a batch whose labels are believed when that begins
/// @param quantileEnd the same at the end
public record TwistConfig(
    @JsonPropertyDescription("width of the hidden layers of the head") int hidden,
    @JsonPropertyDescription("number of made-up classes") int classes,
    @JsonPropertyDescription("weight of the entropy of each sample") double sharpness,
    @JsonPropertyDescription("weight of the entropy of the mean over the batch") double diversity,
    @JsonPropertyDescription("batch norm without scale and shift before the softmax")
        boolean lastNorm,
    @JsonPropertyDescription("small views per image") int localCrops,
    @JsonPropertyDescription("last epochs that train on the model's own confident labels")
        int selfLabelEpochs,
    @JsonPropertyDescription("share of a batch whose labels are believed, at first")
        double quantileStart,
    @JsonPropertyDescription("share of a batch whose labels are believed, at the end")
        double quantileEnd) {
  /// Checks the ranges.
  public TwistConfig {
    Require.positive("hidden", hidden);
    Require.check(classes >= 2, "classes", "at least 2", classes);
    Require.notNegative("sharpness", sharpness);
    Require.notNegative("diversity", diversity);
    Require.notNegative("local_crops", localCrops);
    Require.notNegative("self_label_epochs", selfLabelEpochs);
    Require.share("quantile_start", quantileStart);
    Require.share("quantile_end", quantileEnd);
  }
}
