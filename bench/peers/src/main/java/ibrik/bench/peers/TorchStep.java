package ibrik.bench.peers;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.ParallelBlock;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.pooling.Pool;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.GradientCollector;
import ai.djl.training.Trainer;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// The same step by DJL's blocks and trainer on PyTorch, with the same initial numbers.
final class TorchStep implements Side {
  private static final Set<Parameter.Type> TRAINED =
      Set.of(Parameter.Type.WEIGHT, Parameter.Type.BIAS, Parameter.Type.GAMMA, Parameter.Type.BETA);

  private final Model model;
  private final Trainer trainer;
  private final NDArray images;
  private final NDArray labels;

  TorchStep(StepTask task) {
    model = Model.newInstance("peer", "PyTorch");
    Block block = network(task.model());
    model.setBlock(block);
    trainer =
        model.newTrainer(
            new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                .optOptimizer(
                    Optimizer.sgd()
                        .setLearningRateTracker(Tracker.fixed((float) StepTask.LEARNING_RATE))
                        .optMomentum((float) StepTask.MOMENTUM)
                        .optWeightDecays((float) StepTask.WEIGHT_DECAY)
                        .build()));
    Shape shape = new Shape(task.batch(), 3, task.side(), task.side());
    trainer.initialize(shape);
    set(block, OurStep.initial(task));
    NDManager manager = trainer.getManager();
    images =
        manager.create(
            Numbers.channelsFirst(task.images(), task.batch(), task.side(), task.side(), 3), shape);
    labels = manager.create(task.labels());
  }

  private static Block network(String model) {
    boolean large = model.equals("resnet18");
    int[] widths = large ? new int[] {64, 128, 256, 512} : new int[] {16, 32, 64};
    int blocks = large ? 2 : 3;
    SequentialBlock net = new SequentialBlock();
    conv(net, widths[0], 3, 1);
    net.add(Activation.reluBlock());
    int in = widths[0];
    for (int stage = 0; stage < widths.length; stage++) {
      for (int i = 0; i < blocks; i++) {
        int stride = stage > 0 && i == 0 ? 2 : 1;
        net.add(residual(in, widths[stage], stride));
        in = widths[stage];
      }
    }
    return net.add(Pool.globalAvgPool2dBlock())
        .add(Linear.builder().setUnits(StepTask.CLASSES).build());
  }

  private static void conv(SequentialBlock net, int filters, int kernel, int stride) {
    net.add(
        Conv2d.builder()
            .setKernelShape(new Shape(kernel, kernel))
            .setFilters(filters)
            .optStride(new Shape(stride, stride))
            .optPadding(new Shape(kernel / 2, kernel / 2))
            .optBias(false)
            .build());
    net.add(BatchNorm.builder().optEpsilon(1e-5f).optMomentum(0.9f).build());
  }

  private static Block residual(int in, int width, int stride) {
    SequentialBlock path = new SequentialBlock();
    conv(path, width, 3, stride);
    path.add(Activation.reluBlock());
    conv(path, width, 3, 1);
    Block shortcut = Blocks.identityBlock();
    if (stride != 1 || in != width) {
      SequentialBlock projection = new SequentialBlock();
      conv(projection, width, 1, stride);
      shortcut = projection;
    }
    return new ParallelBlock(
        both ->
            new NDList(
                Activation.relu(
                    both.get(0).singletonOrThrow().add(both.get(1).singletonOrThrow()))),
        List.of(path, shortcut));
  }

  private static void set(Block block, List<float[]> numbers) {
    List<NDArray> arrays = new ArrayList<>();
    block
        .getParameters()
        .forEach(
            entry -> {
              if (TRAINED.contains(entry.getValue().getType())) {
                arrays.add(entry.getValue().getArray());
              }
            });
    if (arrays.size() != numbers.size()) {
      throw new IllegalStateException(
          "[peers] both sides must have the same parameters; got "
              + numbers.size()
              + " and "
              + arrays.size());
    }
    for (int i = 0; i < arrays.size(); i++) {
      NDArray array = arrays.get(i);
      Shape shape = array.getShape();
      float[] values = numbers.get(i);
      if (shape.dimension() == 4) {
        values =
            Numbers.channelsFirst(
                values,
                (int) shape.get(0),
                (int) shape.get(2),
                (int) shape.get(3),
                (int) shape.get(1));
      }
      array.set(java.nio.FloatBuffer.wrap(values));
    }
  }

  private float step() {
    try (NDManager run = trainer.getManager().newSubManager()) {
      NDArray x = images.stopGradient();
      x.attach(run);
      NDArray y = labels.stopGradient();
      y.attach(run);
      NDArray loss;
      try (GradientCollector collector = trainer.newGradientCollector()) {
        NDList out = trainer.forward(new NDList(x));
        loss = trainer.getLoss().evaluate(new NDList(y), out);
        collector.backward(loss);
      }
      trainer.step();
      return loss.getFloat();
    }
  }

  @Override
  public void run() {
    step();
  }

  @Override
  public float[] result() {
    float[] losses = new float[StepTask.CHECKED_STEPS];
    for (int i = 0; i < losses.length; i++) {
      losses[i] = step();
    }
    return losses;
  }

  @Override
  public void close() {
    trainer.close();
    model.close();
  }
}
