package ibrik.kernels.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.jspecify.annotations.Nullable;

/// CUDA's libraries in a jar on the class path, as the profile `cuda-redist` brings them: unpacked
/// once, side by side, for they load one another.
final class Bundled {
  private static final Logger LOG = System.getLogger(Bundled.class.getName());
  private static final String INSIDE = "org/bytedeco/cuda/linux-x86_64/";

  private Bundled() {}

  /// The folder of the unpacked libraries below `cache`, or `null` where no jar holds them.
  static @Nullable Path unpack(ClassLoader classes, Path cache) {
    URL one = classes.getResource(INSIDE + Libraries.COMPILER.file());
    if (one == null || !one.getProtocol().equals("jar")) {
      return null;
    }
    try {
      JarURLConnection connection = (JarURLConnection) one.openConnection();
      connection.setUseCaches(false);
      try (JarFile jar = connection.getJarFile()) {
        Path file = Path.of(jar.getName());
        Path folder = cache.resolve("libraries-" + file.getFileName() + "-" + Files.size(file));
        List<JarEntry> libraries =
            jar.stream()
                .filter(entry -> entry.getName().startsWith(INSIDE) && !entry.isDirectory())
                .filter(entry -> entry.getName().contains(".so"))
                .toList();
        for (JarEntry entry : libraries) {
          place(jar, entry, folder.resolve(entry.getName().substring(INSIDE.length())));
        }
        return folder;
      }
    } catch (IOException failed) {
      LOG.log(Level.WARNING, "the libraries in {0} cannot be unpacked: {1}", one, failed);
      return null;
    }
  }

  private static void place(JarFile jar, JarEntry entry, Path target) throws IOException {
    if (Files.exists(target) && Files.size(target) == entry.getSize()) {
      return;
    }
    Files.createDirectories(target.getParent());
    Path made = Files.createTempFile(target.getParent(), "made", ".tmp");
    try (InputStream from = jar.getInputStream(entry)) {
      Files.copy(from, made, StandardCopyOption.REPLACE_EXISTING);
      Files.move(made, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(made);
    }
  }
}
