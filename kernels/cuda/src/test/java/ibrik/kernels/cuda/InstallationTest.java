package ibrik.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ibrik.tensor.Device;
import ibrik.tensor.backend.Backends;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is said where CUDA is absent or not what it should be.
class InstallationTest {
  private static final Libraries.Library NONE =
      new Libraries.Library("libibrik_absent.so.3", "a library of this test");

  @TempDir Path folder;

  @Test
  void saysWhatWasLookedForAndWhere() {
    String why = new Libraries(List.of(folder)).load(NONE);
    assertTrue(
        why.startsWith(
            "libibrik_absent.so.3 (a library of this test) was not found: not by the dynamic linker"
                + " (LD_LIBRARY_PATH="),
        why);
    assertTrue(why.endsWith("), not in [" + folder + "]"), why);
  }

  @Test
  void namesOtherVersions() throws IOException {
    Path other = Files.createFile(folder.resolve("libibrik_absent.so.4"));
    String why = new Libraries(List.of(folder)).load(NONE);
    assertTrue(why.endsWith("; there is " + other + " of another version"), why);
  }

  @Test
  void saysWhyAFileDoesNotLoad() throws IOException {
    Path broken = Files.writeString(folder.resolve(NONE.file()), "no library");
    String why = new Libraries(List.of(folder)).load(NONE);
    assertTrue(why.contains("; " + broken + " does not load"), why);
  }

  @Test
  void findsWhatIsThere() {
    assertNull(new Libraries(List.of()).load(new Libraries.Library("libc.so.6", "the C library")));
  }

  @Test
  void librariesInAJarAreUnpackedOnce() throws IOException {
    Path jar = folder.resolve("redist.jar");
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
      for (String name : List.of("libnvrtc.so.12", "libcublas.so.12", "notes.txt")) {
        out.putNextEntry(new JarEntry("org/bytedeco/cuda/linux-x86_64/" + name));
        out.write(name.getBytes(StandardCharsets.UTF_8));
      }
    }
    Path cache = folder.resolve("cache");
    try (URLClassLoader with = new URLClassLoader(new URL[] {jar.toUri().toURL()}, null);
        URLClassLoader without = new URLClassLoader(new URL[0], null)) {
      assertNull(Bundled.unpack(without, cache));
      Path unpacked = Bundled.unpack(with, cache);
      Path library = unpacked.resolve("libcublas.so.12");
      assertEquals("libcublas.so.12", Files.readString(library));
      try (Stream<Path> files = Files.list(unpacked)) {
        assertEquals(2, files.count());
      }
      FileTime made = Files.getLastModifiedTime(library);
      Files.writeString(unpacked.resolve("libnvrtc.so.12"), "half"); // as after a broken start
      assertEquals(unpacked, Bundled.unpack(with, cache));
      assertEquals(made, Files.getLastModifiedTime(library));
      assertEquals("libnvrtc.so.12", Files.readString(unpacked.resolve("libnvrtc.so.12")));
    }
  }

  /// Where the driver is absent, asking costs nothing of the binding, and the error is a remedy.
  @Test
  void withoutADriverTheDeviceIsRefusedWithTheRemedy() {
    String why = Backends.refused().get("cuda");
    assumeTrue(why != null && why.startsWith("libcuda.so.1"), "there is a driver here");
    assertTrue(why.contains("install NVIDIA's driver"), why);
    assertEquals(
        "[device] no device cuda here: "
            + why
            + "; present: "
            + present()
            + "; name one of these, or auto",
        assertThrows(IllegalArgumentException.class, () -> Backends.of(Device.parse("cuda")))
            .getMessage());
  }

  private static String present() {
    boolean emulated = !Backends.refused().containsKey(EmulatedBackend.NAME);
    return emulated ? "[reference, emulated, cpu]" : "[reference, cpu]";
  }
}
