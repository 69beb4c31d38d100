package ibrik.ssl.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class NearestTest {
  private static final List<String> METHODS = List.of("byol", "simclr", "supervised");

  @Test
  void countsEdits() {
    assertEquals(0, Nearest.edits("", ""));
    assertEquals(3, Nearest.edits("", "abc"));
    assertEquals(1, Nearest.edits("epoch", "epochs"));
    assertEquals(1, Nearest.edits("trian", "train"));
    assertEquals(3, Nearest.edits("kitten", "sitting"));
  }

  @Test
  void namesWhatWasMeant() {
    assertEquals(Optional.of("byol"), Nearest.to("byool", METHODS));
    assertEquals(Optional.of("simclr"), Nearest.to("SIMCRL", METHODS));
    assertEquals(Optional.empty(), Nearest.to("dino", METHODS));
    assertEquals(Optional.empty(), Nearest.to("byol", List.of()));
  }
}
