package ibrik.ssl.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class NumbersTest {
  @Test
  void percents() {
    assertEquals("83.2\u202f%", Numbers.percent(.8321));
    assertEquals("0.0\u202f%", Numbers.percent(-1e-9));
    assertEquals("–", Numbers.percent(Double.NaN));
    assertEquals("6.1 points", Numbers.points(-.0612));
    assertEquals("1.0 point", Numbers.points(.01));
  }

  @Test
  void briefly() {
    assertEquals("0.01234", Numbers.brief(.012341));
    assertEquals("12.34", Numbers.brief(12.341));
    assertEquals("1,234", Numbers.brief(1234));
    assertEquals("1,235", Numbers.brief(1234.6));
    assertEquals("0.5", Numbers.brief(.5));
    assertEquals("0", Numbers.brief(0));
    assertEquals("-3", Numbers.brief(-3));
    assertEquals("1.5e-7", Numbers.brief(1.5e-7));
    assertEquals("2e9", Numbers.brief(2e9));
    assertEquals("–", Numbers.brief(Double.NaN));
    assertEquals("infinite", Numbers.brief(Double.POSITIVE_INFINITY));
  }

  @Test
  void durations() {
    assertEquals("3.4 s", Numbers.duration(3.41));
    assertEquals("42 s", Numbers.duration(42.4));
    assertEquals("1 min 0 s", Numbers.duration(59.7));
    assertEquals("4 min 12 s", Numbers.duration(252.3));
    assertEquals("26 h 5 min", Numbers.duration(26 * 3600 + 5 * 60 + 10));
    assertEquals("–", Numbers.duration(Double.NaN));
  }

  @Test
  void keysAsWords() {
    assertEquals("Tau base", Numbers.words("tau_base"));
    assertEquals("_", Numbers.words("_"));
  }
}
