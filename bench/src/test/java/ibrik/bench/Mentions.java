package ibrik.bench;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.util.HashSet;
import java.util.Set;

/// Which classes a class file names in its constant pool: in code, in patterns of a `switch`, in
/// signatures of what it calls.
final class Mentions {
  private Mentions() {}

  static Set<String> of(Class<?> type) {
    String file = "/" + type.getName().replace('.', '/') + ".class";
    try (InputStream bytes = type.getResourceAsStream(file)) {
      Set<String> names = new HashSet<>();
      for (PoolEntry entry : ClassFile.of().parse(bytes.readAllBytes()).constantPool()) {
        if (entry instanceof ClassEntry found) {
          names.add(found.asInternalName().replace('/', '.'));
        }
      }
      return names;
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }
}
