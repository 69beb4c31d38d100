package ibrik.kernels.cuda.driver;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/// Objects of a binding under numbers, from 1 on; looking one up is one read of an array.
final class Handles<T> {
  private final String what;
  private final Deque<Integer> free = new ArrayDeque<>();
  private volatile @Nullable Object[] objects = new Object[64];
  private int used = 1;

  Handles(String what) {
    this.what = what;
  }

  synchronized long add(T object) {
    int at = free.isEmpty() ? used++ : free.pop();
    @Nullable Object[] now =
        at < objects.length ? objects.clone() : Arrays.copyOf(objects, 2 * objects.length);
    now[at] = object;
    objects = now;
    return at;
  }

  /// @throws IllegalStateException if there is no such object any more
  @SuppressWarnings("unchecked") // only add() writes
  T get(long handle) {
    @Nullable Object[] now = objects;
    Object found = handle > 0 && handle < now.length ? now[(int) handle] : null;
    if (found == null) {
      throw new IllegalStateException("[cuda] no " + what + " under handle " + handle);
    }
    return (T) found;
  }

  synchronized T remove(long handle) {
    T gone = get(handle);
    @Nullable Object[] now = objects.clone();
    now[(int) handle] = null;
    objects = now;
    free.push((int) handle);
    return gone;
  }
}
