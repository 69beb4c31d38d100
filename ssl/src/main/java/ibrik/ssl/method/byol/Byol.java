package ibrik.ssl.method.byol;

import ibrik.autograd.Tape;
import ibrik.nn.Build;
import ibrik.nn.Identity;
import ibrik.nn.MlpHead;
import ibrik.nn.Module;
import ibrik.nn.Parameter;
import ibrik.nn.model.Encoder;
import ibrik.nn.optim.Ema;
import ibrik.nn.schedule.Schedule;
import ibrik.nn.schedule.ScheduledScalar;
import ibrik.ssl.method.Method;
import ibrik.ssl.method.MethodFactory.Setting;
import ibrik.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The online network (encoder, projector, predictor) predicts what the target network (encoder,
/// projector) makes of the other view; the target follows the online network slowly.
///
/// The two views go through each network one after the other, so that batch norms see one view at a
/// time. The target runs in train mode and keeps running statistics of its own.
public final class Byol implements Method {
  private final Map<String, Module> networks = new LinkedHashMap<>();
  private final Encoder encoder;
  private final Module projector;
  private final Module predictor;
  private final Encoder targetEncoder;
  private final Module targetProjector;
  private final ScheduledScalar tau;
  private final Ema ema;
  private final double predictorLrFactor;

  Byol(ByolConfig config, Setting setting) {
    Build build = setting.build();
    predictorLrFactor = config.predictorLrFactor();
    tau =
        new ScheduledScalar(
            "tau", Schedule.byolTau(config.tauBase(), setting.steps()), build.device());
    try {
      encoder = add("encoder", setting.encoder().apply(build.child("encoder")));
      projector = add("projector", projector(build.child("projector"), config));
      predictor = add("predictor", predictor(build.child("predictor"), config));
      targetEncoder = add("target_encoder", setting.encoder().apply(build.child("target_encoder")));
      targetProjector = add("target_projector", projector(build.child("target_projector"), config));
      targetEncoder.copyStateFrom(encoder);
      targetProjector.copyStateFrom(projector);
      ema = new Ema(tau.variable()).add(targetEncoder, encoder).add(targetProjector, projector);
    } catch (RuntimeException failed) {
      close();
      throw failed;
    }
  }

  private <M extends Module> M add(String name, M network) {
    networks.put(name, network);
    return network;
  }

  private MlpHead projector(Build build, ByolConfig config) {
    return new MlpHead(
        build, encoder().featureDim(), config.projectorHidden(), config.projectorOut());
  }

  private static Module predictor(Build build, ByolConfig config) {
    int width = config.projectorOut();
    return config.predictor()
        ? new MlpHead(build, width, config.predictorHidden(), width)
        : new Identity(build);
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
    List<Tensor> predictions = new ArrayList<>();
    List<Tensor> features = new ArrayList<>();
    List<Tensor> projections = new ArrayList<>();
    for (Tensor view : views) {
      Tensor y = encoder.forward(view);
      Tensor z = projector.forward(y);
      features.add(y);
      projections.add(z);
      predictions.add(predictor.forward(z));
    }
    List<Tensor> targets =
        Tape.pause(
            () ->
                views.stream().map(targetEncoder::forward).map(targetProjector::forward).toList());
    Tensor loss =
        ByolLoss.symmetric(predictions.get(0), predictions.get(1), targets.get(0), targets.get(1));
    return new Pass(loss, features.getFirst(), projections.getFirst());
  }

  @Override
  public List<Group> groups() {
    List<Parameter> online = new ArrayList<>(encoder.parameters());
    online.addAll(projector.parameters());
    return predictor.parameters().isEmpty()
        ? List.of(new Group(online, 1))
        : List.of(new Group(online, 1), new Group(predictor.parameters(), predictorLrFactor));
  }

  @Override
  public void beforeStep(long step) {
    tau.moveTo(step);
  }

  @Override
  public void afterStep() {
    ema.step();
  }

  @Override
  public Map<String, Double> scalars(long step) {
    return Map.of("tau", tau.at(step));
  }

  @Override
  public double collapseValue() {
    return 0;
  }

  @Override
  public void close() {
    networks.values().forEach(Module::close);
    tau.close();
  }
}
