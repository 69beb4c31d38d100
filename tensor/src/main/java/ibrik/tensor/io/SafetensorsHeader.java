package ibrik.tensor.io;

import ibrik.tensor.DType;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorSpec;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What stands before the numbers of a safetensors file.
///
/// @param metadata free text by key, in file order
/// @param entries the tensors by name, in file order
/// @see <a href="https://github.com/huggingface/safetensors#format">format</a>
public record SafetensorsHeader(Map<String, String> metadata, Map<String, Entry> entries) {
  /// The key under which the metadata stand among the tensors.
  static final String METADATA = "__metadata__";

  /// Element types, widest last: the order in which the reference implementation declares them and,
  /// descending, lays tensors out, so that each begins at a multiple of its own size.
  private static final List<DType> LAYOUT =
      List.of(
          DType.BOOL,
          DType.U8,
          DType.I8,
          DType.F16,
          DType.BF16,
          DType.I32,
          DType.F32,
          DType.F64,
          DType.I64);

  /// Copies the maps.
  public SafetensorsHeader {
    metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
    entries = Collections.unmodifiableMap(new LinkedHashMap<>(entries));
  }

  /// One tensor of a file.
  ///
  /// @param spec element type and shape
  /// @param start first byte, counted from the end of the header
  /// @param end first byte after it
  public record Entry(TensorSpec spec, long start, long end) {}

  /// Bytes of all tensors together.
  public long dataBytes() {
    return entries.values().stream().mapToLong(Entry::end).max().orElse(0);
  }

  // ---- writing ----

  /// The header of a file with these tensors, laid out as the reference implementation does: by
  /// element type, then by the bytes of the name. Metadata are sorted by key.
  ///
  /// @throws IllegalArgumentException if a name or type cannot be stored
  static SafetensorsHeader of(Map<String, Tensor> tensors, Map<String, String> metadata) {
    Stream.of(tensors.keySet(), metadata.keySet(), metadata.values())
        .flatMap(texts -> texts.stream())
        .forEach(SafetensorsHeader::checkText);
    if (tensors.containsKey(METADATA)) {
      throw new IllegalArgumentException(
          "[safetensors] a tensor must not be named " + METADATA + "; rename it");
    }
    Map<String, Entry> entries = new LinkedHashMap<>();
    long at = 0;
    for (String name : layout(tensors)) {
      TensorSpec spec = Objects.requireNonNull(tensors.get(name)).spec();
      long end = Math.addExact(at, spec.bytes());
      entries.put(name, new Entry(spec, at, end));
      at = end;
    }
    Map<String, String> sorted = new TreeMap<>(BY_BYTES);
    sorted.putAll(metadata);
    return new SafetensorsHeader(sorted, entries);
  }

  private static List<String> layout(Map<String, Tensor> tensors) {
    Map<String, Integer> ranks = new LinkedHashMap<>();
    tensors.forEach(
        (name, tensor) -> {
          int rank = LAYOUT.indexOf(tensor.dtype());
          if (rank < 0) {
            throw new IllegalArgumentException(
                "[safetensors] element type must be one of "
                    + LAYOUT
                    + "; got "
                    + name
                    + ": "
                    + tensor.spec()
                    + "; cast it");
          }
          ranks.put(name, rank);
        });
    return ranks.entrySet().stream()
        .sorted(
            Map.Entry.<String, Integer>comparingByValue(Comparator.reverseOrder())
                .thenComparing(Map.Entry.comparingByKey(BY_BYTES)))
        .map(Map.Entry::getKey)
        .toList();
  }

  /// Order of the UTF-8 bytes, which is not that of Java's characters.
  private static final Comparator<String> BY_BYTES =
      (a, b) ->
          Arrays.compareUnsigned(
              a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));

  private static void checkText(String text) {
    if (!HeaderJson.isText(text)) {
      throw new IllegalArgumentException(
          "[safetensors] names and metadata must be valid Unicode; got "
              + HeaderJson.quote(text)
              + " with half a surrogate pair");
    }
  }

  /// The JSON text, without spaces and without padding.
  String json() {
    Stream<String> head =
        metadata.isEmpty()
            ? Stream.of()
            : Stream.of(
                HeaderJson.quote(METADATA)
                    + ":"
                    + object(
                        metadata.entrySet().stream()
                            .map(
                                e ->
                                    HeaderJson.quote(e.getKey())
                                        + ":"
                                        + HeaderJson.quote(e.getValue()))));
    return object(Stream.concat(head, entries.entrySet().stream().map(SafetensorsHeader::json)));
  }

  private static String json(Map.Entry<String, Entry> named) {
    Entry entry = named.getValue();
    return HeaderJson.quote(named.getKey())
        + ":{\"dtype\":\""
        + entry.spec().dtype().name()
        + "\",\"shape\":"
        + entry.spec().shape()
        + ",\"data_offsets\":["
        + entry.start()
        + ","
        + entry.end()
        + "]}";
  }

  private static String object(Stream<String> members) {
    return members.collect(Collectors.joining(",", "{", "}"));
  }

  // ---- reading ----

  /// Reads and checks a header before `dataBytes` bytes of numbers.
  ///
  /// @throws BrokenRule with the first broken rule
  static SafetensorsHeader parse(String json, long dataBytes) throws BrokenRule {
    if (!json.startsWith("{")) {
      throw new BrokenRule("the header must begin with {");
    }
    HeaderJson reader = new HeaderJson(json);
    Map<String, String> metadata = new LinkedHashMap<>();
    Map<String, Entry> entries = new LinkedHashMap<>();
    reader.object(
        name -> {
          if (name.equals(METADATA)) {
            reader.object(key -> metadata.put(key, reader.string()));
          } else {
            entries.put(name, entry(name, reader));
          }
        });
    reader.end();
    checkLayout(entries, dataBytes);
    return new SafetensorsHeader(metadata, entries);
  }

  private static Entry entry(String name, HeaderJson reader) throws BrokenRule {
    Fields fields = new Fields();
    reader.object(
        key -> {
          switch (key) {
            case "dtype" -> fields.dtype = reader.string();
            case "shape" -> fields.shape = reader.integers();
            case "data_offsets" -> fields.offsets = reader.integers();
            default -> throw broken(name, "fields must be dtype, shape, data_offsets; got " + key);
          }
        });
    if (fields.dtype == null || fields.shape == null || fields.offsets == null) {
      throw broken(name, "needs dtype, shape and data_offsets");
    }
    return entry(name, dtype(name, fields.dtype), fields.shape, fields.offsets);
  }

  private static final class Fields {
    @Nullable String dtype;
    long @Nullable [] shape;
    long @Nullable [] offsets;
  }

  private static DType dtype(String name, String text) throws BrokenRule {
    for (DType dtype : LAYOUT) {
      if (dtype.name().equals(text)) {
        return dtype;
      }
    }
    String known = LAYOUT.reversed().stream().map(DType::name).collect(Collectors.joining(" "));
    throw broken(name, "dtype must be one of " + known + "; got " + text);
  }

  private static Entry entry(String name, DType dtype, long[] dims, long[] offsets)
      throws BrokenRule {
    TensorSpec spec;
    long bytes;
    try {
      spec = new TensorSpec(dtype, Shape.of(dims));
      bytes = spec.bytes();
    } catch (IllegalArgumentException | ArithmeticException refused) {
      BrokenRule broken =
          broken(
              name,
              "shape must have at most "
                  + Shape.MAX_RANK
                  + " axes and a byte count below 2^63; got "
                  + Arrays.toString(dims));
      broken.initCause(refused);
      throw broken;
    }
    if (offsets.length != 2 || offsets[0] > offsets[1]) {
      throw broken(
          name, "data_offsets must be [start, end], start <= end; got " + Arrays.toString(offsets));
    }
    if (offsets[1] - offsets[0] != bytes) {
      throw broken(
          name, spec + " needs " + bytes + " bytes; got data_offsets " + Arrays.toString(offsets));
    }
    return new Entry(spec, offsets[0], offsets[1]);
  }

  /// The tensors must cover the data exactly, each byte once.
  private static void checkLayout(Map<String, Entry> entries, long dataBytes) throws BrokenRule {
    List<Map.Entry<String, Entry>> inOrder =
        entries.entrySet().stream()
            .sorted(
                Comparator.<Map.Entry<String, Entry>>comparingLong(e -> e.getValue().start())
                    .thenComparingLong(e -> e.getValue().end()))
            .toList();
    long at = 0;
    for (Map.Entry<String, Entry> named : inOrder) {
      Entry entry = named.getValue();
      if (entry.end() > dataBytes) {
        throw broken(
            named.getKey(),
            "data_offsets must lie within the file's "
                + dataBytes
                + " bytes of data; got an end at "
                + entry.end());
      }
      if (entry.start() != at) {
        throw broken(
            named.getKey(),
            "tensors must not "
                + (entry.start() < at ? "overlap" : "leave holes")
                + "; got a start at "
                + entry.start()
                + ", the one before ends at "
                + at);
      }
      at = entry.end();
    }
    if (at != dataBytes) {
      throw new BrokenRule(
          "tensors must cover all data; got " + at + " of " + dataBytes + " bytes");
    }
  }

  private static BrokenRule broken(String name, String rule) {
    return new BrokenRule("tensor " + HeaderJson.quote(name) + ": " + rule);
  }
}
