package ibrik.ssl.data;

import java.util.List;

/// The data sets that come with the library.
public final class EmbeddedSets {
  private static final List<String> CLOTHES =
      List.of(
          "T-shirt/top",
          "Trouser",
          "Pullover",
          "Dress",
          "Coat",
          "Sandal",
          "Shirt",
          "Sneaker",
          "Bag",
          "Ankle boot");

  private static final List<String> CELLS = List.of("RBC", "WBC", "Platelets");

  private EmbeddedSets() {}

  /// The first 4,000 training and 1,000 test images of Fashion-MNIST, 28x28 grey, 10 classes. Mean
  /// and deviation are those of the full training set as commonly used, 0.2860 and 0.3530.
  ///
  /// **Source** Xiao, Rasul, Vollgraf 2017, arXiv:1708.07747; MIT licence.
  public static DataSet fashion() {
    EmbeddedFiles files = new EmbeddedFiles("fashion-5k");
    return new DataSet(
        "fashion",
        idx(files, "train"),
        idx(files, "test"),
        28,
        28,
        1,
        List.of(0.2860f),
        List.of(0.3530f),
        files.fingerprint());
  }

  private static ImageSet idx(EmbeddedFiles files, String part) {
    String images = part + "-images-idx3-ubyte.gz";
    String labels = part + "-labels-idx1-ubyte.gz";
    return Idx.read(images, files.unpacked(images), labels, files.unpacked(labels), CLOTHES);
  }

  /// Single blood cells, 989 training and 240 test images, 32x32 colour, 3 classes, cut from BCCD
  /// (MIT licence). Mean and deviation are computed from the training images when they are loaded.
  public static DataSet cells() {
    EmbeddedFiles files = new EmbeddedFiles("bccd-cells");
    ImageSet train = CifarBinary.read("train.bin.gz", files.unpacked("train.bin.gz"), CELLS);
    ImageSet test = CifarBinary.read("test.bin.gz", files.unpacked("test.bin.gz"), CELLS);
    ChannelStatistics statistics = ChannelStatistics.of(train);
    return new DataSet(
        "cells", train, test, 32, 32, 3, statistics.mean(), statistics.std(), files.fingerprint());
  }
}
