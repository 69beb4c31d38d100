package ibrik.ssl.method.randominit;

import ibrik.nn.Module;
import ibrik.nn.model.Encoder;
import ibrik.ssl.method.Method;
import ibrik.ssl.method.MethodFactory.Setting;
import ibrik.tensor.Tensor;
import java.util.List;
import java.util.Map;

/// An encoder that is never trained. Its loss is 0.
public final class RandomInit implements Method {
  private final Encoder encoder;

  RandomInit(Setting setting) {
    encoder = setting.encoder().apply(setting.build().child("encoder"));
  }

  @Override
  public int viewCount() {
    return 1;
  }

  @Override
  public Encoder encoder() {
    return encoder;
  }

  @Override
  public Map<String, Module> networks() {
    return Map.of("encoder", encoder);
  }

  @Override
  public Pass forward(List<Tensor> views, Tensor labels) {
    Tensor features = encoder.forward(views.getFirst());
    return new Pass(features.mul(0).sum(), features, features);
  }

  @Override
  public List<Group> groups() {
    return List.of();
  }

  @Override
  public double collapseValue() {
    return 0;
  }
}
