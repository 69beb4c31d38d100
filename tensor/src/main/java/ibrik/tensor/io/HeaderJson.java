package ibrik.tensor.io;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;

/// Reads the part of JSON that a safetensors header is made of: objects with known kinds of values,
/// strings, and lists of non-negative integers. Strict, and without recursion, so a hostile text
/// can end in an error message only.
final class HeaderJson {
  private final String text;
  private int at;

  HeaderJson(String text) {
    this.text = text;
  }

  /// Reads the value that belongs to a key.
  @FunctionalInterface
  interface Member {
    void read(String key) throws BrokenRule;
  }

  /// Reads an object; `member` is called at each value. Keys must differ.
  void object(Member member) throws BrokenRule {
    expect('{');
    Set<String> keys = new HashSet<>();
    skipSpace();
    if (peek() == '}') {
      at++;
      return;
    }
    while (true) {
      String key = string();
      if (!keys.add(key)) {
        throw error("key '" + key + "' must not occur twice in one object");
      }
      expect(':');
      member.read(key);
      skipSpace();
      if (peek() == '}') {
        at++;
        return;
      }
      expect(',');
    }
  }

  /// Reads `[1,2,3]`.
  long[] integers() throws BrokenRule {
    expect('[');
    long[] values = new long[4];
    int count = 0;
    skipSpace();
    if (peek() == ']') {
      at++;
      return new long[0];
    }
    while (true) {
      if (count == values.length) {
        values = Arrays.copyOf(values, 2 * count);
      }
      values[count++] = integer();
      skipSpace();
      if (peek() == ']') {
        at++;
        return Arrays.copyOf(values, count);
      }
      expect(',');
    }
  }

  private long integer() throws BrokenRule {
    skipSpace();
    int start = at;
    while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
      at++;
    }
    String digits = text.substring(start, at);
    boolean other = at < text.length() && "+-.eE".indexOf(text.charAt(at)) >= 0;
    if (digits.isEmpty() || other || (digits.length() > 1 && digits.startsWith("0"))) {
      throw error("a whole number >= 0 is expected");
    }
    try {
      return Long.parseLong(digits);
    } catch (NumberFormatException _) {
      throw error("a number must fit in 63 bits");
    }
  }

  /// Reads a string and resolves its escapes.
  String string() throws BrokenRule {
    expect('"');
    StringBuilder out = new StringBuilder();
    while (true) {
      char c = next();
      if (c == '"') {
        break;
      }
      if (c < 0x20) {
        at--;
        throw error("control characters in strings must be escaped");
      }
      out.append(c == '\\' ? escape() : c);
    }
    String value = out.toString();
    if (!isText(value)) {
      throw error("escaped surrogates must come in pairs");
    }
    return value;
  }

  private char escape() throws BrokenRule {
    char c = next();
    return switch (c) {
      case '"', '\\', '/' -> c;
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'u' -> hexadecimal();
      default -> throw error("\\" + c + " is no escape");
    };
  }

  private char hexadecimal() throws BrokenRule {
    int code = 0;
    for (int i = 0; i < 4; i++) {
      char hex = next();
      int digit = hex < 128 ? Character.digit(hex, 16) : -1; // other scripts have digits too
      if (digit < 0) {
        throw error("\\u needs four hexadecimal digits");
      }
      code = code * 16 + digit;
    }
    return (char) code;
  }

  /// Only spaces may follow the object.
  void end() throws BrokenRule {
    skipSpace();
    if (at < text.length()) {
      throw error("only spaces may follow the object");
    }
  }

  /// True if every surrogate is one of a pair, so that `text` has a UTF-8 form.
  static boolean isText(String text) {
    return text.codePoints().noneMatch(c -> c >= 0xD800 && c <= 0xDFFF);
  }

  /// `value` as a JSON string, escaped as `serde_json` does.
  static String quote(String value) {
    StringBuilder out = new StringBuilder(value.length() + 2).append('"');
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\b' -> out.append("\\b");
        case '\f' -> out.append("\\f");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        default -> out.append(c < 0x20 ? String.format("\\u%04x", (int) c) : String.valueOf(c));
      }
    }
    return out.append('"').toString();
  }

  private void expect(char wanted) throws BrokenRule {
    skipSpace();
    if (peek() != wanted) {
      throw error("'" + wanted + "' is expected");
    }
    at++;
  }

  private void skipSpace() {
    while (at < text.length() && " \t\n\r".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
  }

  /// The present character, or U+0000, which is valid nowhere, at the end.
  private char peek() {
    return at < text.length() ? text.charAt(at) : '\0';
  }

  private char next() throws BrokenRule {
    if (at >= text.length()) {
      throw error("a string must end");
    }
    return text.charAt(at++);
  }

  private BrokenRule error(String rule) {
    String found = at < text.length() ? "'" + text.charAt(at) + "'" : "the end";
    return new BrokenRule(rule + "; got " + found + " at character " + at);
  }
}
