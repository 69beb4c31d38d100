package ibrik.bench;

import ibrik.tensor.Device;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.Variable;
import ibrik.tensor.exec.Interpreter;
import ibrik.tensor.op.Op;
import ibrik.tensor.op.Update;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/// Updates of 62 parameters at once, as many as a ResNet-18 has, in f32; flops by the table of
/// [Work], 12 bytes per element for a moving average, 20 for SGD.
public class UpdateBench extends FamilyBench {
  private static final int COUNT = 62;

  /// Tag of the op.
  @Param({"assign", "ema", "sgd", "lars", "adam_w"})
  public String op = "ema";

  /// Bytes of parameters.
  @Param({Sizes.L1, Sizes.L2, Sizes.L3, "64MiB"})
  public String bytes = Sizes.L2;

  /// JMH makes it.
  public UpdateBench() {}

  /// Makes parameters, gradients and moments, and checks one update.
  @Override
  @Setup(Level.Trial)
  public void open() {
    Update update = update();
    List<Tensor> in = tensors();
    checkOnce(update, in);
    choose(update, in.toArray(Tensor[]::new));
  }

  private Update update() {
    List<Double> decay = Collections.nCopies(COUNT, 1e-4);
    return switch (op) {
      case "assign" -> new Update.Assign();
      case "ema" -> new Update.Ema(COUNT);
      case "sgd" -> new Update.Sgd(0.9, false, decay);
      case "lars" -> new Update.Lars(0.9, 1e-3, false, decay, Collections.nCopies(COUNT, true));
      case "adam_w" -> new Update.AdamW(0.9, 0.999, 1e-8, decay);
      default -> throw unknown(op);
    };
  }

  /// Group by group, scalars last. Rates are so small that numbers keep their size however long it
  /// runs.
  private List<Tensor> tensors() {
    int count = op.equals("assign") ? 1 : COUNT;
    int groups =
        switch (op) {
          case "assign", "ema" -> 2;
          case "adam_w" -> 4;
          default -> 3;
        };
    long elems = Math.max(1, Sizes.bytes(bytes) / (4L * count));
    List<Tensor> in = new ArrayList<>();
    for (int i = 0; i < groups * count; i++) {
      in.add(positive(elems));
    }
    switch (op) {
      case "ema" -> in.add(filled(0.996));
      case "sgd", "lars" -> in.add(filled(1e-6));
      case "adam_w" -> Collections.addAll(in, filled(1e-6), filled(1000));
      default -> {}
    }
    return in;
  }

  /// One update of copies, here and by the scalar reference.
  private void checkOnce(Update update, List<Tensor> in) {
    List<float[]> got = written(update, in, Device.parse(device));
    List<float[]> want = written(update, in, Device.parse("reference"));
    for (int i = 0; i < got.size(); i++) {
      // Lars: norms over a whole parameter stand behind each number.
      Meaning.compare(update, i, got.get(i), want.get(i), got.get(i).length);
    }
  }

  private static List<float[]> written(Update update, List<Tensor> in, Device on) {
    List<Variable> copies = new ArrayList<>();
    try (TensorScope _ = TensorScope.open()) {
      for (Tensor from : in) {
        copies.add(Variable.of("copy" + copies.size(), from.to(on)));
      }
      Interpreter.current().apply(update, copies.stream().map(Variable::value).toList());
      return update.written().stream().map(i -> copies.get(i).value().toFloats()).toList();
    } finally {
      copies.forEach(Variable::close);
    }
  }

  /// One update of all.
  @Benchmark
  public double update(Rates rates) {
    Op chosen = op();
    try (TensorScope _ = TensorScope.open()) {
      Interpreter.current().apply(chosen, in());
      rates.add(work());
      return in().getFirst().narrow(0, 0, 1).item();
    }
  }
}
