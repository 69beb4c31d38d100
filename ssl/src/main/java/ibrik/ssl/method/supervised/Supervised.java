package ibrik.ssl.method.supervised;

import ibrik.nn.Linear;
import ibrik.nn.Module;
import ibrik.nn.Parameter;
import ibrik.nn.model.Encoder;
import ibrik.ssl.method.Gather;
import ibrik.ssl.method.Method;
import ibrik.ssl.method.MethodFactory.Setting;
import ibrik.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Cross entropy of a linear classifier on the encoder, both trained.
public final class Supervised implements Method {
  private final Map<String, Module> networks = new LinkedHashMap<>();
  private final Encoder encoder;
  private final Linear classifier;
  private final double smoothing;
  private final int classes;
  private final Gather gather;

  Supervised(SupervisedConfig config, Setting setting) {
    if (setting.classes() < 2) {
      throw new IllegalArgumentException(
          "[supervised] needs labels of at least two classes; got "
              + setting.classes()
              + "; choose labelled data or another method");
    }
    classes = setting.classes();
    smoothing = config.labelSmoothing();
    gather = setting.gather();
    try {
      encoder = setting.encoder().apply(setting.build().child("encoder"));
      networks.put("encoder", encoder);
      classifier =
          new Linear(setting.build().child("classifier"), encoder.featureDim(), classes, true);
      networks.put("classifier", classifier);
    } catch (RuntimeException failed) {
      close();
      throw failed;
    }
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
    return Collections.unmodifiableMap(networks);
  }

  @Override
  public Pass forward(List<Tensor> views, Tensor labels) {
    Tensor features = encoder.forward(views.getFirst());
    Tensor logits = gather.union(classifier.forward(features));
    Tensor loss = logits.softmaxCrossEntropy(gather.union(labels)).mean();
    if (smoothing > 0) {
      Tensor uniform = logits.logSoftmax().mean().neg();
      loss = loss.mul(1 - smoothing).add(uniform.mul(smoothing));
    }
    return new Pass(loss, features, features);
  }

  @Override
  public List<Group> groups() {
    List<Parameter> all = new ArrayList<>(encoder.parameters());
    all.addAll(classifier.parameters());
    return List.of(new Group(all, 1));
  }

  @Override
  public double collapseValue() {
    return Math.log(classes);
  }
}
