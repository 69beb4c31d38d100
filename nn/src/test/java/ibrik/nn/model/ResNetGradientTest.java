package ibrik.nn.model;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ibrik.autograd.GradCheck;
import ibrik.autograd.Tape;
import ibrik.nn.Build;
import ibrik.nn.NoLeaks;
import ibrik.nn.Parameter;
import ibrik.nn.model.ResNet.Config;
import ibrik.nn.model.ResNet.Stem;
import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.Tensors;
import java.util.List;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A whole small network in f64: gradients for the image and for every parameter against central
/// differences, in train mode (through the batch statistics) and in eval mode.
@ExtendWith(NoLeaks.class)
class ResNetGradientTest {
  private static final double STEP = 1e-6;

  /// Shifts start off 0: where a whole map is 0, a shift of 0 stands on the kink of the next ReLU.
  private static ResNet net(boolean bottleneck, Stem stem) {
    Build build = new Build(DType.F64, Device.REFERENCE, 3, "");
    ResNet net =
        new ResNet(build, new Config(List.of(1, 1), List.of(1, 2), bottleneck, stem, 1, false));
    for (Parameter p : net.parameters()) {
      if (p.role() == Parameter.Role.NORM_SHIFT) {
        p.variable().set(noise(9, p.value().elems()));
      }
    }
    return net;
  }

  private static Tensor noise(long stream, long... dims) {
    return Tensors.normal(
        new TensorSpec(DType.F64, Shape.of(dims)), 0, 1, Tensors.key(5, stream, Device.REFERENCE));
  }

  @ParameterizedTest
  @CsvSource({"false,CIFAR,4", "true,CIFAR,3", "false,IMAGENET,7"})
  void forTheImage(boolean bottleneck, Stem stem, int side) {
    try (TensorScope _ = TensorScope.open();
        ResNet net = net(bottleneck, stem)) {
      GradCheck check = GradCheck.of(in -> net.forward(in.getFirst()));
      check.firstOrder(List.of(noise(1, 2, side, side, 1)), 1).orThrow();
      net.eval();
      check.firstOrder(List.of(noise(1, 2, side, side, 1)), 2).orThrow();
    }
  }

  @ParameterizedTest
  @CsvSource({"false,true", "false,false", "true,true"})
  void forEveryParameter(boolean bottleneck, boolean train) {
    try (TensorScope _ = TensorScope.open();
        ResNet net = net(bottleneck, Stem.CIFAR)) {
      Tensor x = noise(2, 3, 4, 4, 1);
      Tensor cotangent = noise(3, 3, net.featureDim());
      if (!train) {
        net.eval();
      }
      List<Parameter> parameters = net.parameters();
      List<Tensor> values = parameters.stream().map(Parameter::value).toList();
      try (Tape.Run run = Tape.record(() -> net.forward(x).mul(cotangent).sum())) {
        List<Tensor> gradients = run.gradients(values);
        for (int p = 0; p < values.size(); p++) {
          double[] analytic = gradients.get(p).toDoubles();
          for (int i = 0; i < analytic.length; i++) {
            double numeric = slope(net, x, cotangent, parameters.get(p), i);
            String where = parameters.get(p).name() + "[" + i + "]";
            assertEquals(numeric, analytic[i], 1e-6 * Math.max(1, Math.abs(numeric)), where);
          }
        }
      }
    }
  }

  private static double slope(ResNet net, Tensor x, Tensor cotangent, Parameter p, int i) {
    try (TensorScope _ = TensorScope.open()) {
      double[] start = p.value().toDoubles();
      double[] moved = start.clone();
      double difference = 0;
      for (int sign : new int[] {1, -1}) {
        moved[i] = start[i] + sign * STEP;
        p.variable().set(tensor(moved, p));
        difference += sign * net.forward(x).mul(cotangent).sum().item();
      }
      p.variable().set(tensor(start, p));
      return difference / (2 * STEP);
    }
  }

  private static Tensor tensor(double[] values, Parameter p) {
    return Tensor.of(values, values.length).reshape(p.value().shape()).to(Device.REFERENCE);
  }
}
