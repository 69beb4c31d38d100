package ibrik.ssl.method.dino;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import ibrik.ssl.method.Require;

/// Hyper-parameters of DINO's own.
///
/// @param headHidden hidden width of the head; 2048 in the paper
/// @param bottleneck width behind the hidden layers, where rows get unit length; 256
/// @param outputs width of the output K; 65536
/// @param headNorm whether batch norms stand in the head; the paper has none
/// @param studentTemperature 0.1
/// @param teacherTemperature final temperature of the teacher; below the student's it sharpens
/// @param teacherTemperatureStart temperature of the first epoch
/// @param teacherWarmUpEpochs epochs of linear climb from the start to the final temperature
/// @param centerMomentum share of the centre that stays in a step, in `[0, 1]`; at 1 it stays at 0
///   and nothing is centred
/// @param tauBase share of the teacher that stays in the first step; rises to 1
/// @param freezeEpochs first epochs in which the last layer stands still; 1
/// @param clip longest gradient of each parameter; 3 in the official code; 0: any
/// @param localCrops small views per image, which only the student sees
/// @param keepStudent whether the student is what training leaves; in the paper it is the teacher
///   (figure 6: it is the better one all along)
public record DinoConfig(
    @JsonPropertyDescription("hidden width of the head") int headHidden,
    @JsonPropertyDescription("width of the layer that gets unit length") int bottleneck,
    @JsonPropertyDescription("width of the output") int outputs,
    @JsonPropertyDescription("batch norms in the head") boolean headNorm,
    @JsonPropertyDescription("temperature of the student") double studentTemperature,
    @JsonPropertyDescription("final temperature of the teacher") double teacherTemperature,
    @JsonPropertyDescription("temperature of the teacher in the first epoch")
        double teacherTemperatureStart,
    @JsonPropertyDescription("epochs in which the teacher's temperature climbs")
        int teacherWarmUpEpochs,
    @JsonPropertyDescription("share of the centre that stays in a step; 1: no centring")
        double centerMomentum,
    @JsonPropertyDescription("share of the teacher that stays at the first step; rises to 1")
        double tauBase,
    @JsonPropertyDescription("first epochs in which the last layer stands still") int freezeEpochs,
    @JsonPropertyDescription("longest gradient of each parameter; 0: any") double clip,
    @JsonPropertyDescription("small views per image") int localCrops,
    @JsonPropertyDescription("keep the student after training instead of the teacher")
        boolean keepStudent) {
  /// Keeps the teacher.
  public DinoConfig(
      int headHidden,
      int bottleneck,
      int outputs,
      boolean headNorm,
      double studentTemperature,
      double teacherTemperature,
      double teacherTemperatureStart,
      int teacherWarmUpEpochs,
      double centerMomentum,
      double tauBase,
      int freezeEpochs,
      double clip,
      int localCrops) {
    this(
        headHidden,
        bottleneck,
        outputs,
        headNorm,
        studentTemperature,
        teacherTemperature,
        teacherTemperatureStart,
        teacherWarmUpEpochs,
        centerMomentum,
        tauBase,
        freezeEpochs,
        clip,
        localCrops,
        false);
  }

  /// Checks the ranges.
  public DinoConfig {
    Require.positive("head_hidden", headHidden);
    Require.positive("bottleneck", bottleneck);
    Require.positive("outputs", outputs);
    Require.positive("student_temperature", studentTemperature);
    Require.positive("teacher_temperature", teacherTemperature);
    Require.positive("teacher_temperature_start", teacherTemperatureStart);
    Require.notNegative("teacher_warm_up_epochs", teacherWarmUpEpochs);
    Require.share("center_momentum", centerMomentum);
    Require.share("tau_base", tauBase);
    Require.notNegative("freeze_epochs", freezeEpochs);
    Require.notNegative("clip", clip);
    Require.notNegative("local_crops", localCrops);
  }
}
