package ibrik.tensor;

import com.google.errorprone.annotations.MustBeClosed;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Owns tensors for the extent of a block.
///
/// ```java
/// try (var scope = TensorScope.open()) {
///   Tensor y = x.mul(x).sum();      // owned by scope
///   return scope.keep(y);           // moves to the enclosing scope
/// }
/// ```
///
/// A result belongs to the innermost open scope of the thread that made it, never to the scope of
/// an argument. Scopes nest and close in reverse order; a thread starts with none.
public final class TensorScope implements AutoCloseable {
  private static final ThreadLocal<@Nullable TensorScope> CURRENT = new ThreadLocal<>();

  private final @Nullable TensorScope parent;
  private final Thread thread;
  private final boolean onFailureOnly;
  private final Set<Tensor> owned = new LinkedHashSet<>();
  private long liveBytes;
  private long capBytes = Long.MAX_VALUE;
  private boolean succeeded;
  private boolean closed;

  private TensorScope(boolean onFailureOnly) {
    this.parent = CURRENT.get();
    this.thread = Thread.currentThread();
    this.onFailureOnly = onFailureOnly;
    CURRENT.set(this);
  }

  /// Opens a scope that frees everything it still owns when it closes.
  @MustBeClosed
  public static TensorScope open() {
    return new TensorScope(false);
  }

  /// Opens a scope that frees only if [#succeed()] was not reached, that is, when an exception
  /// escapes; otherwise its tensors move to the enclosing scope.
  @MustBeClosed
  public static TensorScope onFailure() {
    return new TensorScope(true);
  }

  /// The innermost open scope of this thread.
  ///
  /// @throws IllegalStateException if none is open
  public static TensorScope current() {
    TensorScope scope = CURRENT.get();
    if (scope == null) {
      throw new IllegalStateException(
          "[scope] no TensorScope is open on this thread; wrap the code in"
              + " try (var scope = TensorScope.open()) { ... }");
    }
    return scope;
  }

  /// Moves `tensor` to the enclosing scope and returns it. A tensor that this scope does not own is
  /// returned unchanged.
  public Tensor keep(Tensor tensor) {
    checkOpen();
    if (owned.contains(tensor)) {
      if (parent == null) {
        throw new IllegalStateException(
            "[scope] the outermost scope has no parent to keep "
                + tensor.spec()
                + "; open one more scope around it, or copy the value into a Variable");
      }
      remove(tensor);
      parent.add(tensor);
    }
    return tensor;
  }

  /// [#keep(Tensor)] for several tensors.
  public List<Tensor> keep(List<Tensor> tensors) {
    tensors.forEach(this::keep);
    return tensors;
  }

  /// Marks the work of an [#onFailure()] scope as done.
  public void succeed() {
    succeeded = true;
  }

  /// Limits the bytes that this scope and those inside it may hold at once; going over is an
  /// [IllegalStateException] that lists what is alive.
  public TensorScope cap(long bytes) {
    capBytes = bytes;
    return this;
  }

  /// Bytes held by this scope and those inside it. Views count nothing.
  public long liveBytes() {
    return liveBytes;
  }

  /// Number of tensors this scope itself owns.
  public int liveTensors() {
    return owned.size();
  }

  /// What is alive in this scope, grouped by the op that made it, largest first.
  public String report() {
    record Group(long count, long bytes) {
      Group plus(long more) {
        return new Group(count + 1, bytes + more);
      }
    }
    Map<String, Group> groups = new LinkedHashMap<>();
    for (Tensor tensor : owned) {
      groups.merge(
          tensor.origin() + " " + tensor.spec(),
          new Group(1, tensor.ownBytes()),
          (old, _) -> old.plus(tensor.ownBytes()));
    }
    String lines =
        groups.entrySet().stream()
            .sorted(Comparator.comparingLong(e -> -e.getValue().bytes()))
            .map(
                e ->
                    "  "
                        + e.getValue().bytes()
                        + " B  "
                        + e.getValue().count()
                        + " x "
                        + e.getKey())
            .collect(Collectors.joining("\n"));
    String head = owned.size() + " tensors, " + liveBytes + " B in this scope and inside it";
    return lines.isEmpty() ? head : head + "\n" + lines;
  }

  /// The tensors of this thread's open scopes that hold most bytes, largest first, with op and
  /// size: for messages of memory that is full. Empty where nothing is alive.
  public static String largest(int count) {
    List<Tensor> alive = new ArrayList<>();
    for (TensorScope scope = CURRENT.get(); scope != null; scope = scope.parent) {
      alive.addAll(scope.owned);
    }
    return alive.stream()
        .filter(tensor -> tensor.ownBytes() > 0)
        .sorted(Comparator.comparingLong(tensor -> -tensor.ownBytes()))
        .limit(count)
        .map(tensor -> tensor.origin() + " " + tensor.spec() + " (" + tensor.ownBytes() + " B)")
        .collect(Collectors.joining(", "));
  }

  void add(Tensor tensor) {
    checkOpen();
    long bytes = tensor.ownBytes();
    for (TensorScope scope = this; scope != null; scope = scope.parent) {
      if (bytes > 0 && bytes > scope.capBytes - scope.liveBytes) {
        throw new IllegalStateException(
            "[scope] cap of "
                + scope.capBytes
                + " B exceeded by "
                + tensor.origin()
                + " "
                + tensor.spec()
                + "; "
                + scope.report());
      }
    }
    for (TensorScope scope = this; scope != null; scope = scope.parent) {
      scope.liveBytes += bytes;
    }
    owned.add(tensor);
    tensor.ownedBy(this);
  }

  void remove(Tensor tensor) {
    owned.remove(tensor);
    for (TensorScope scope = this; scope != null; scope = scope.parent) {
      scope.liveBytes -= tensor.ownBytes();
    }
    tensor.ownedBy(null);
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("[scope] this scope is closed");
    }
    if (Thread.currentThread() != thread) {
      throw new IllegalStateException(
          "[scope] belongs to thread "
              + thread.getName()
              + ", not to "
              + Thread.currentThread().getName());
    }
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    checkOpen();
    if (CURRENT.get() != this) {
      throw new IllegalStateException(
          "[scope] scopes close in reverse order of opening; use try-with-resources");
    }
    List<Tensor> rest = new ArrayList<>(owned);
    if (onFailureOnly && succeeded && parent != null) {
      rest.forEach(this::keep);
    } else {
      rest.forEach(Tensor::close);
    }
    closed = true;
    CURRENT.set(parent);
  }
}
