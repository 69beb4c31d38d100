package ibrik.tensor;

import ibrik.tensor.backend.Backend;
import ibrik.tensor.backend.Backends;
import ibrik.tensor.backend.Buffer;
import ibrik.tensor.backend.NoBuffer;
import ibrik.tensor.exec.Interpreter;
import ibrik.tensor.io.TensorPrinter;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/// A dense, row-major, immutable array of numbers on one device.
///
/// A tensor is a handle: shape, element type and a place in off-heap storage. Ops never change
/// their arguments; they make new tensors, owned by the innermost [TensorScope]. Mutable state
/// lives in [Variable]s. Images are channels last, `[N,H,W,C]`.
///
/// The ops stand in the interfaces this class implements, one per family. `toString` prints
/// `f32[2,3]` and the numbers.
public final class Tensor
    implements ElementwiseOps,
        ActivationOps,
        ReduceOps,
        LayoutOps,
        LinearOps,
        VideoOps,
        PoolOps,
        IndexOps,
        NormalizeOps,
        AttendOps,
        LossOps,
        QuantizeOps,
        BinaryOps,
        IntegerOps,
        ImageOps,
        TransportOps,
        SimilarityOps,
        RedundancyOps,
        AutoCloseable {
  private static final boolean TRACE_SITES = Boolean.getBoolean("ibrik.debug");

  private final Storage storage;
  private final long offsetBytes;
  private final TensorSpec spec;
  private final Device device;
  private final String origin;
  private final boolean view;
  private final @Nullable Throwable site;
  private @Nullable TensorScope owner;
  private @Nullable MemorySegment data;
  private boolean borrowed;
  private boolean closed;

  private Tensor(
      Storage storage,
      long offsetBytes,
      TensorSpec spec,
      Device device,
      String origin,
      boolean view) {
    this.storage = storage;
    this.offsetBytes = offsetBytes;
    this.spec = spec;
    this.device = device;
    this.origin = origin;
    this.view = view;
    this.site = TRACE_SITES ? new Throwable("created here") : null;
  }

  // ---- making tensors ----

  /// A tensor with undefined contents in the innermost scope: the output of a kernel. `origin`
  /// names the op for reports.
  public static Tensor allocate(TensorSpec spec, Device device, String origin) {
    TensorScope scope = TensorScope.current();
    Buffer buffer = Backends.of(device).memory(device.index()).allocate(spec.bytes());
    Tensor tensor = new Tensor(new Storage(buffer, false), 0, spec, device, origin, false);
    try {
      scope.add(tensor);
    } catch (RuntimeException refused) {
      buffer.close();
      throw refused;
    }
    return tensor;
  }

  /// A tensor over memory that an interpreter brings, in the innermost scope; with it the buffer is
  /// closed. For interpreters.
  public static Tensor over(Buffer buffer, TensorSpec spec, Device device, String origin) {
    Tensor tensor = new Tensor(new Storage(buffer, false), 0, spec, device, origin, false);
    TensorScope.current().add(tensor);
    return tensor;
  }

  /// A tensor with undefined contents that no scope owns: whoever makes it closes it. For
  /// interpreters.
  public static Tensor unscoped(TensorSpec spec, Device device, String origin) {
    Buffer buffer = Backends.of(device).memory(device.index()).allocate(spec.bytes());
    return new Tensor(new Storage(buffer, false), 0, spec, device, origin, false);
  }

  /// A tensor that no scope owns and update ops may write: the value of a [Variable].
  static Tensor allocateMutable(TensorSpec spec, Device device, String origin) {
    Buffer buffer = Backends.of(device).memory(device.index()).allocate(spec.bytes());
    return new Tensor(new Storage(buffer, true), 0, spec, device, origin, false);
  }

  /// f32 from row-major values, on the cpu.
  public static Tensor of(float[] values, long... dims) {
    return copyOf(
        MemorySegment.ofArray(values),
        new TensorSpec(DType.F32, shape(values.length, dims)),
        Device.CPU);
  }

  /// f64 from row-major values, on the cpu.
  public static Tensor of(double[] values, long... dims) {
    return copyOf(
        MemorySegment.ofArray(values),
        new TensorSpec(DType.F64, shape(values.length, dims)),
        Device.CPU);
  }

  /// i32 from row-major values, on the cpu.
  public static Tensor of(int[] values, long... dims) {
    return copyOf(
        MemorySegment.ofArray(values),
        new TensorSpec(DType.I32, shape(values.length, dims)),
        Device.CPU);
  }

  /// i64 from row-major values, on the cpu.
  public static Tensor of(long[] values, long... dims) {
    return copyOf(
        MemorySegment.ofArray(values),
        new TensorSpec(DType.I64, shape(values.length, dims)),
        Device.CPU);
  }

  /// u8 from row-major bytes (read as 0..255), on the cpu.
  public static Tensor of(byte[] values, long... dims) {
    return copyOf(
        MemorySegment.ofArray(values),
        new TensorSpec(DType.U8, shape(values.length, dims)),
        Device.CPU);
  }

  /// i8 from row-major bytes (read as -128..127), on the cpu.
  public static Tensor ofInt8(byte[] values, long... dims) {
    return copyOf(
        MemorySegment.ofArray(values),
        new TensorSpec(DType.I8, shape(values.length, dims)),
        Device.CPU);
  }

  /// bool from row-major values, on the cpu.
  public static Tensor of(boolean[] values, long... dims) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (values[i] ? 1 : 0);
    }
    return copyOf(
        MemorySegment.ofArray(bytes),
        new TensorSpec(DType.BOOL, shape(values.length, dims)),
        Device.CPU);
  }

  /// A 0-d f32 on the cpu.
  public static Tensor scalar(float value) {
    return of(new float[] {value}, new long[0]);
  }

  /// A 0-d f64 on the cpu.
  public static Tensor scalar(double value) {
    return of(new double[] {value}, new long[0]);
  }

  /// Copies host memory into a new tensor on `device`. `source` holds exactly the dense elements in
  /// native byte order.
  ///
  /// @throws IllegalArgumentException if the byte count differs from the spec's
  public static Tensor copyOf(MemorySegment source, TensorSpec spec, Device device) {
    if (source.byteSize() != spec.bytes()) {
      throw new IllegalArgumentException(
          "[tensor] source must hold "
              + spec.bytes()
              + " bytes for "
              + spec
              + "; got "
              + source.byteSize());
    }
    return Interpreter.current().upload(source, spec, device);
  }

  /// [#copyOf] as an interpreter does it that computes at once. For interpreters.
  public static Tensor copied(MemorySegment source, TensorSpec spec, Device device) {
    Tensor tensor = allocate(spec, device, "upload");
    Backends.of(device).upload(source, tensor.buffer(), 0, spec.bytes());
    return tensor;
  }

  private static Shape shape(long values, long[] dims) {
    Shape shape = dims.length == 0 && values != 1 ? Shape.of(values) : Shape.of(dims);
    if (shape.elems() != values) {
      throw new IllegalArgumentException(
          "[tensor] shape " + shape + " needs " + shape.elems() + " values; got " + values);
    }
    return shape;
  }

  /// A view of this tensor's storage from `offsetElems` on: shares memory, counts as a user of it.
  /// For interpreters; call [#reshape] or [#narrow] instead.
  public Tensor viewOf(TensorSpec viewSpec, long offsetElems, String viewOrigin) {
    checkOpen();
    Tensor tensor =
        new Tensor(
            storage,
            offsetBytes + spec.dtype().bytes(offsetElems),
            viewSpec,
            device,
            viewOrigin,
            true);
    TensorScope.current().add(tensor);
    storage.retain(); // last: a refused view must not hold the memory
    return tensor;
  }

  /// A handle on part of this tensor's memory, from `atBytes` on, that no scope owns and that does
  /// not keep the memory alive: once it is freed the handle counts as closed. For interpreters.
  public Tensor borrow(TensorSpec part, long atBytes, String partOrigin) {
    checkOpen();
    Tensor tensor = new Tensor(storage, offsetBytes + atBytes, part, device, partOrigin, true);
    tensor.borrowed = true;
    return tensor;
  }

  // ---- asking ----

  /// Element type and shape.
  public TensorSpec spec() {
    return spec;
  }

  /// Extents.
  public Shape shape() {
    return spec.shape();
  }

  /// Extent along `axis`; negative axes count from the end.
  public long dim(int axis) {
    return spec.shape().dim(axis);
  }

  /// Number of axes.
  public int rank() {
    return spec.shape().rank();
  }

  /// Number of elements.
  public long elems() {
    return spec.elems();
  }

  /// Element type.
  public DType dtype() {
    return spec.dtype();
  }

  /// Where it lives.
  public Device device() {
    return device;
  }

  /// The op that made it, for reports.
  public String origin() {
    return origin;
  }

  /// True for the value of a [Variable] and its views: update ops may change it.
  public boolean isMutable() {
    return storage.mutable();
  }

  /// Counts the updates of a [Variable]'s value; 0 for ordinary tensors.
  public long version() {
    return storage.version();
  }

  /// Called by interpreters after an update op wrote to this tensor.
  public void markWritten() {
    storage.bumpVersion();
  }

  /// True for a handle on memory that another tensor allocated.
  public boolean isView() {
    return view;
  }

  /// True after [#close()].
  public boolean isClosed() {
    return closed || storage.freed();
  }

  /// The dense elements in host memory, native byte order. For kernels and input/output; only the
  /// kernel that makes a tensor writes to it.
  ///
  /// @throws IllegalStateException if closed, or if the device's memory is not host memory
  public MemorySegment data() {
    checkOpen();
    Interpreter.current().hostAccess("data()", spec);
    MemorySegment known = data;
    if (known != null) {
      return known;
    }
    checkComputed();
    MemorySegment host = storage.buffer().host();
    if (host == null) {
      throw new IllegalStateException(
          "[tensor] " + spec + " lives on " + device + ", not in host memory; call to(Device.CPU)");
    }
    MemorySegment slice = host.asSlice(offsetBytes, spec.bytes());
    data = slice;
    return slice;
  }

  /// False for a tensor of a step that was traced and not run: it has a shape and no numbers.
  public boolean isComputed() {
    return !(storage.buffer() instanceof NoBuffer);
  }

  private void checkComputed() {
    if (!isComputed()) {
      throw new IllegalStateException(
          "[tensor] "
              + spec
              + " made by "
              + origin
              + " has no numbers: its step was traced, not run; read the outputs of the Program"
              + " after replay()");
    }
  }

  /// The device memory that holds the elements, starting at [#offsetBytes()].
  public Buffer buffer() {
    checkOpen();
    return storage.buffer();
  }

  /// Where in [#buffer()] the first element lies.
  public long offsetBytes() {
    return offsetBytes;
  }

  // ---- reading numbers ----

  /// All elements as doubles, row-major, whatever the element type (bool as 0 or 1).
  public double[] toDoubles() {
    return doubles("toDoubles()");
  }

  private double[] doubles(String access) {
    MemorySegment host = hostCopy(access);
    double[] values = new double[Math.toIntExact(elems())];
    for (int i = 0; i < values.length; i++) {
      values[i] = Elements.get(host, dtype(), i);
    }
    return values;
  }

  /// All elements as floats, row-major, rounded where the element type is wider.
  public float[] toFloats() {
    if (dtype() == DType.F32) {
      return hostCopy("toFloats()").toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
    }
    double[] wide = doubles("toFloats()");
    float[] values = new float[wide.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) wide[i];
    }
    return values;
  }

  /// All elements of an integer or bool tensor, row-major, exact.
  ///
  /// @throws IllegalStateException for floating-point tensors: cast first
  public long[] toLongs() {
    return longs("toLongs()");
  }

  private long[] longs(String access) {
    if (dtype().isFloat()) {
      throw new IllegalStateException("[tensor] needs integers or bools; got " + spec);
    }
    MemorySegment host = hostCopy(access);
    long[] values = new long[Math.toIntExact(elems())];
    for (int i = 0; i < values.length; i++) {
      values[i] = Elements.getLong(host, dtype(), i);
    }
    return values;
  }

  /// [#toLongs()] as ints.
  ///
  /// @throws IllegalStateException for floating-point tensors, which want a cast first, and for
  ///   values beyond 32 bits
  public int[] toInts() {
    long[] wide = longs("toInts()");
    int[] values = new int[wide.length];
    for (int i = 0; i < values.length; i++) {
      if (wide[i] != (int) wide[i]) {
        throw new IllegalStateException(
            "[tensor] ints need values within 32 bits; got " + wide[i] + " in " + spec);
      }
      values[i] = (int) wide[i];
    }
    return values;
  }

  /// The only element of a one-element tensor.
  ///
  /// @throws IllegalStateException if there is not exactly one element
  public double item() {
    if (elems() != 1) {
      throw new IllegalStateException("[item] needs exactly one element; got " + spec);
    }
    return Elements.get(hostCopy("item()"), dtype(), 0);
  }

  /// The elements in host memory: the data itself where the host can address it, else a copy.
  private MemorySegment hostCopy(String access) {
    checkOpen();
    Interpreter.current().hostAccess(access, spec);
    checkComputed();
    if (storage.buffer().host() != null) {
      return data();
    }
    MemorySegment copy = Arena.ofAuto().allocate(Math.max(spec.bytes(), 1), 64);
    Backend backend = Backends.of(device);
    backend.download(storage.buffer(), offsetBytes, copy, spec.bytes());
    return copy.asSlice(0, spec.bytes());
  }

  // ---- lifetime ----

  /// Frees this handle before its scope ends. A second close does nothing.
  @Override
  public void close() {
    if (closed) {
      return;
    }
    if (owner != null) {
      owner.remove(this);
    }
    closed = true;
    if (!borrowed) {
      storage.release();
    }
  }

  void ownedBy(@Nullable TensorScope scope) {
    owner = scope;
  }

  /// Bytes this handle adds to its scope: 0 for views.
  long ownBytes() {
    return view ? 0 : storage.buffer().bytes();
  }

  private void checkOpen() {
    if (isClosed()) {
      throw new IllegalStateException(
          "[tensor] used after its scope closed: "
              + spec
              + " made by "
              + origin
              + "; keep it with scope.keep(...)"
              + (site == null ? " (run with -Dibrik.debug=true to see where it was made)" : ""),
          site);
    }
  }

  /// `f32[2,3]` and the numbers, abbreviated where there are many.
  @Override
  public String toString() {
    if (isClosed()) {
      return spec + " (closed)";
    }
    return isComputed() ? TensorPrinter.print(this) : spec + " (not computed)";
  }
}
