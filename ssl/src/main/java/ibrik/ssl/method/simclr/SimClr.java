package ibrik.ssl.method.simclr;

import ibrik.nn.Build;
import ibrik.nn.MlpHead;
import ibrik.nn.Module;
import ibrik.nn.Parameter;
import ibrik.nn.model.Encoder;
import ibrik.ssl.method.Method;
import ibrik.ssl.method.MethodFactory.Setting;
import ibrik.tensor.LayoutOps;
import ibrik.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// One network; the two views of an image attract, all other images of the batch repel. Both views
/// go through as one batch, so that batch norms see them mixed, as in the official code.
public final class SimClr implements Method {
  private final Map<String, Module> networks = new LinkedHashMap<>();
  private final Encoder encoder;
  private final MlpHead projector;
  private final double temperature;
  private final int batchSize;

  SimClr(SimClrConfig config, Setting setting) {
    Build build = setting.build();
    temperature = config.temperature();
    batchSize = setting.batchSize();
    try {
      encoder = setting.encoder().apply(build.child("encoder"));
      networks.put("encoder", encoder);
      projector =
          new MlpHead(
              build.child("projector"),
              encoder.featureDim(),
              MlpHead.Config.simclr(config.projectorHidden(), config.projectorOut()));
      networks.put("projector", projector);
    } catch (RuntimeException failed) {
      close();
      throw failed;
    }
  }

  @Override
  public int viewCount() {
    return 2;
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
    long batch = views.getFirst().dim(0);
    Tensor y = encoder.forward(LayoutOps.concat(0, views));
    Tensor z = projector.forward(y);
    Tensor z1 = z.narrow(0, 0, batch);
    Tensor z2 = z.narrow(0, batch, batch);
    return new Pass(NtXent.of(z1, z2, temperature), y.narrow(0, 0, batch), z1);
  }

  @Override
  public List<Group> groups() {
    List<Parameter> all = new ArrayList<>(encoder.parameters());
    all.addAll(projector.parameters());
    return List.of(new Group(all, 1));
  }

  @Override
  public double collapseValue() {
    return Math.log(2.0 * batchSize - 1);
  }
}
