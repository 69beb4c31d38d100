package ibrik.ssl.method.dino;

import ibrik.ssl.method.MultiCrop;
import ibrik.tensor.Tensor;
import java.util.List;
import java.util.Objects;

/// Cross entropy of the student's distributions with the teacher's, eq. 3 with the centring and
/// sharpening of section 3.1.
public final class DinoLoss {
  private DinoLoss() {}

  /// Mean over the pairs of a teacher view `u` and a student view `v != u`, and over the batch, of
  /// `-sum_k q_u[k] ln p_v[k]` with `q = softmax((t - c) / t_t)` and `p = softmax(s / t_s)`.
  ///
  /// @param student `[V B, K]`, view after view
  /// @param teacher `[U B, K]`, a constant; its views are the first of the student's
  /// @param center c, `[K]`, a constant
  /// @param views V, at least 2
  /// @param studentTemperature t_s, above 0
  /// @param teacherTemperature t_t, 0-d, above 0
  /// @return 0-d; `ln K` where all outputs are equal and centred
  /// @throws IllegalArgumentException if shapes, V or t_s break these rules
  public static Tensor of(
      Tensor student,
      Tensor teacher,
      Tensor center,
      int views,
      double studentTemperature,
      Tensor teacherTemperature) {
    check(student, teacher, center, views, studentTemperature);
    long batch = student.dim(0) / views;
    int assigned = Math.toIntExact(teacher.dim(0) / batch);
    Tensor logs = student.div(studentTemperature).logSoftmax();
    List<Tensor> predictions = MultiCrop.split(logs, views);
    Tensor all = logs.reshape(views, batch, student.dim(1)).sum(List.of(0), false);
    Tensor q = teacher.detach().sub(center.detach()).div(teacherTemperature.detach()).softmax();
    List<Tensor> targets = MultiCrop.split(q, assigned);
    // The sum over the other views is that over all views without the view itself.
    Tensor total = null;
    for (int u = 0; u < assigned; u++) {
      Tensor part = targets.get(u).mul(all.sub(predictions.get(u))).sum();
      total = total == null ? part : total.add(part);
    }
    return Objects.requireNonNull(total).mul(-1.0 / (assigned * (views - 1.0) * batch));
  }

  private static void check(
      Tensor student, Tensor teacher, Tensor center, int views, double temperature) {
    if (!(temperature > 0) || Double.isInfinite(temperature)) {
      throw new IllegalArgumentException(
          "[dino_loss] temperature must be a number above 0; got " + temperature);
    }
    boolean fits =
        student.rank() == 2
            && teacher.rank() == 2
            && views >= 2
            && student.dim(0) > 0
            && student.dim(0) % views == 0
            && teacher.dim(0) > 0
            && teacher.dim(0) <= student.dim(0)
            && teacher.dim(0) % (student.dim(0) / views) == 0
            && teacher.dim(1) == student.dim(1)
            && center.rank() == 1
            && center.dim(0) == student.dim(1);
    if (!fits) {
      throw new IllegalArgumentException(
          "[dino_loss] needs student [V B, K] of V >= 2 views, teacher [U B, K] of U <= V views and"
              + " center [K]; got student: "
              + student.spec()
              + ", teacher: "
              + teacher.spec()
              + ", center: "
              + center.spec()
              + ", V: "
              + views);
    }
  }
}
