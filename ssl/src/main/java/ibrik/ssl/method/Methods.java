package ibrik.ssl.method;

import ibrik.ssl.method.barlow.BarlowTwinsFactory;
import ibrik.ssl.method.byol.ByolFactory;
import ibrik.ssl.method.fair.FairFactory;
import ibrik.ssl.method.fastmoco.FastMoCoFactory;
import ibrik.ssl.method.mocov2.MoCoV2Factory;
import ibrik.ssl.method.mocov3.MoCoV3Factory;
import ibrik.ssl.method.msbreg.MsbRegFactory;
import ibrik.ssl.method.nnclr.NnClrFactory;
import ibrik.ssl.method.randominit.RandomInitFactory;
import ibrik.ssl.method.simclr.SimClrFactory;
import ibrik.ssl.method.simsiam.SimSiamFactory;
import ibrik.ssl.method.supervised.SupervisedFactory;
import ibrik.ssl.method.vicreg.VicRegFactory;
import java.util.List;
import java.util.Optional;

/// All methods by name.
public final class Methods {
  private static final List<MethodFactory<?>> ALL =
      List.of(
          new ByolFactory(),
          new SimClrFactory(),
          new SimSiamFactory(),
          new MoCoV2Factory(),
          new MoCoV3Factory(),
          new FastMoCoFactory(),
          new FairFactory(),
          new BarlowTwinsFactory(),
          new VicRegFactory(),
          new NnClrFactory(),
          new MsbRegFactory(),
          new SupervisedFactory(),
          new RandomInitFactory());

  private Methods() {}

  /// In the order in which they are listed.
  public static List<MethodFactory<?>> all() {
    return ALL;
  }

  /// The method called `name`.
  public static Optional<MethodFactory<?>> find(String name) {
    return ALL.stream().filter(m -> m.name().equals(name)).findFirst();
  }

  /// All names.
  public static List<String> names() {
    return ALL.stream().map(MethodFactory::name).toList();
  }
}
