package ibrik.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Arrays;

/// Compares two ways to compute the same by turns: one run of each, again and again, so that what
/// else the machine does meets both alike. Prints and writes medians and quartiles of the times and
/// of the ratio of neighbours. For ratios on a machine that is not quiet; for rates use [Main].
///
/// ```
/// java --add-modules jdk.incubator.vector -cp bench/target/benchmarks.jar ibrik.bench.Compare \
///     bench/results/x.json "what should be known beside the numbers"
/// ```
public final class Compare {
  private static final int WARM_UP = 60;
  private static final int ROUNDS = 101;

  private final ArrayNode rows;
  private final Rates rates = new Rates();

  Compare(ArrayNode rows) {
    this.rows = rows;
  }

  /// Takes the file to write, a note for it, and, if not all are wanted, the names of comparisons:
  /// `fake_quantize`, `xnor`, `int8`, `attention`.
  public static void main(String[] args) throws IOException {
    if (args.length < 2) {
      throw new IllegalArgumentException(
          "[compare] needs a file to write and a note; got " + args.length + " arguments");
    }
    ObjectMapper json = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
    ObjectNode document = json.createObjectNode();
    document.put("date", LocalDate.now(ZoneOffset.UTC).toString());
    document.set("machine", json.valueToTree(Machine.here()));
    document.put("note", args[1]);
    Compare compare = new Compare(document.putArray("results"));
    if (asked(args, "fake_quantize")) {
      compare.fakeQuantization("512x4608", ROUNDS);
    }
    if (asked(args, "xnor")) {
      for (String layer :
          new String[] {"1x14x256x256x3x1", "8x14x256x256x3x1", "8x14x512x512x1x1"}) {
        compare.binaryConvolution(layer, ROUNDS);
      }
    }
    if (asked(args, "int8")) {
      for (String size : new String[] {"1024x128x576", "512x512x512", "196x512x4608"}) {
        compare.integers(size, ROUNDS);
      }
    }
    if (asked(args, "attention")) {
      for (String size : new String[] {"32x3x65x64", "4x6x197x64"}) {
        compare.attention(size, ROUNDS);
      }
    }
    Files.writeString(Path.of(args[0]), json.writeValueAsString(document) + "\n");
  }

  /// The fused op against the ops of its definition.
  void fakeQuantization(String size, int rounds) {
    for (String scales : new String[] {"whole", "rows", "columns"}) {
      FakeQuantizeBench bench = new FakeQuantizeBench();
      bench.size = size;
      bench.scales = scales;
      bench.open();
      try {
        turns(
            "fake_quantize " + size + " " + scales + ": composed / fused",
            () -> bench.forwardComposed(rates),
            () -> bench.forward(rates),
            rounds);
      } finally {
        bench.close();
      }
    }
  }

  /// The convolution of signs as floats against the packed one, without and with packing the image.
  void binaryConvolution(String layer, int rounds) {
    XnorBench bench = new XnorBench();
    bench.layer = layer;
    bench.open();
    try {
      turns(
          "conv2d " + layer + ": f32 / packed",
          () -> bench.conv2d(rates),
          () -> bench.xnor(rates),
          rounds);
      turns(
          "conv2d " + layer + ": f32 / packed with packing",
          () -> bench.conv2d(rates),
          () -> bench.xnor(rates) + bench.pack(rates),
          rounds);
    } finally {
      bench.close();
    }
  }

  /// Products of floats against products of bytes.
  void integers(String size, int rounds) {
    IntGemmBench bench = new IntGemmBench();
    bench.size = size;
    bench.open();
    try {
      turns(
          "mat_mul " + size + ": f32 / i8",
          () -> bench.floats(rates),
          () -> bench.integers(rates),
          rounds);
    } finally {
      bench.close();
    }
  }

  /// Attention by single ops against the fused op, forward and backward.
  void attention(String size, int rounds) {
    AttentionBench bench = new AttentionBench();
    bench.size = size;
    bench.open();
    try {
      turns(
          "attention " + size + ": composed / fused",
          () -> bench.forwardComposed(rates),
          () -> bench.forward(rates),
          rounds);
      turns(
          "attention_backward " + size + ": composed / fused",
          () -> bench.backwardComposed(rates),
          () -> bench.backward(rates),
          rounds);
    } finally {
      bench.close();
    }
  }

  private static boolean asked(String[] args, String name) {
    return args.length == 2 || Arrays.asList(args).subList(2, args.length).contains(name);
  }

  private interface Run {
    double run();
  }

  private void turns(String name, Run first, Run second, int rounds) {
    for (int i = 0; i < Math.min(WARM_UP, rounds); i++) {
      first.run();
      second.run();
    }
    double[] a = new double[rounds];
    double[] b = new double[rounds];
    double[] ratio = new double[rounds];
    for (int i = 0; i < rounds; i++) {
      a[i] = micros(first);
      b[i] = micros(second);
      ratio[i] = a[i] / b[i];
    }
    ObjectNode row = rows.addObject();
    row.put("comparison", name);
    put(row, "ratio", ratio);
    put(row, "first_us", a);
    put(row, "second_us", b);
    row.put("rounds", rounds);
    System.out.println(row);
  }

  private static double micros(Run run) {
    long start = System.nanoTime();
    run.run();
    return (System.nanoTime() - start) / 1e3;
  }

  private static void put(ObjectNode row, String name, double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    row.put(name, Digits.three(sorted[sorted.length / 2]));
    row.putArray(name + "_quartiles")
        .add(Digits.three(sorted[sorted.length / 4]))
        .add(Digits.three(sorted[sorted.length * 3 / 4]));
  }
}
