package ibrik.tensor.exec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.tensor.exec.Packing.Life;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class PackingTest {
  @Provide
  Arbitrary<List<Life>> lives() {
    Arbitrary<Life> life =
        Combinators.combine(
                Arbitraries.longs().between(0, 2000),
                Arbitraries.integers().between(0, 40),
                Arbitraries.integers().between(0, 12))
            .as((bytes, first, length) -> new Life(bytes, first, first + length));
    return life.list().ofMaxSize(60);
  }

  @Property(tries = 300)
  void blocksThatLiveTogetherLieApart(@ForAll("lives") List<Life> lives) {
    Packing packing = Packing.of(lives);
    for (int i = 0; i < lives.size(); i++) {
      long start = packing.atBytes()[i];
      assertEquals(0, start % Packing.ALIGNMENT);
      assertTrue(start >= 0 && start + lives.get(i).bytes() <= packing.arenaBytes());
      for (int j = 0; j < i; j++) {
        boolean apart =
            start + lives.get(i).bytes() <= packing.atBytes()[j]
                || packing.atBytes()[j] + lives.get(j).bytes() <= start;
        boolean empty = lives.get(i).bytes() == 0 || lives.get(j).bytes() == 0;
        int one = i;
        int two = j;
        assertTrue(
            apart || empty || !lives.get(i).meets(lives.get(j)),
            () -> one + " and " + two + " of " + lives + " overlap in " + packing);
      }
    }
  }

  @Property(tries = 300)
  void theArenaIsNoSmallerThanWhatLivesAndNoLargerThanEverything(
      @ForAll("lives") List<Life> lives) {
    long arena = Packing.of(lives).arenaBytes();
    long most = 0;
    for (int op = 0; op <= 52; op++) {
      int now = op;
      most =
          Math.max(
              most,
              lives.stream()
                  .filter(life -> life.first() <= now && now <= life.last())
                  .mapToLong(Life::paddedBytes)
                  .sum());
    }
    assertEquals(most, Packing.lowerBound(lives));
    assertTrue(arena >= most);
    assertTrue(arena <= lives.stream().mapToLong(Life::paddedBytes).sum());
  }

  @Test
  void placesAreReusedOnceTheirBlockIsDead() {
    Packing packing =
        Packing.of(List.of(new Life(100, 0, 1), new Life(64, 1, 2), new Life(1, 2, 3)));
    assertEquals(192, packing.arenaBytes());
    assertEquals(0, Packing.of(List.of()).arenaBytes());
    assertEquals(0, Packing.lowerBound(List.of()));
  }

  @Test
  void aSmallBlockFillsAGap() {
    // Largest first alone needs no more than the lower bound here.
    List<Life> lives =
        List.of(new Life(640, 0, 1), new Life(128, 1, 4), new Life(512, 2, 4), new Life(128, 2, 3));
    assertEquals(Packing.lowerBound(lives), Packing.of(lives).arenaBytes());
  }

  @Test
  void aLifeEndsNotBeforeItStarts() {
    IllegalArgumentException thrown =
        assertThrows(IllegalArgumentException.class, () -> new Life(8, 3, 2));
    assertEquals(
        "[packing] bytes must be at least 0 and last at least first; got 8 bytes, 3..2",
        thrown.getMessage());
  }
}
