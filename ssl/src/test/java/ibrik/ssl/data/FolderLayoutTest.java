package ibrik.ssl.data;

import static ibrik.ssl.data.Pictures.dataError;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FolderLayoutTest {
  /// The layout of some images, and of further folders, whose paths end in `/`.
  private static FolderLayout layout(String... paths) {
    List<String> images = Arrays.stream(paths).filter(p -> !p.endsWith("/")).sorted().toList();
    TreeSet<String> folders = new TreeSet<>();
    for (String path : paths) {
      for (int end = path.indexOf('/'); end >= 0; end = path.indexOf('/', end + 1)) {
        folders.add(path.substring(0, end));
      }
    }
    return FolderLayout.of("ROOT", images, folders);
  }

  private static String show(List<FolderLayout.Item> items) {
    return String.join(" ", items.stream().map(item -> item.path() + ":" + item.label()).toList());
  }

  private static void assertLayout(
      String train, String test, String classes, String notes, FolderLayout layout) {
    assertEquals(train, show(layout.train()));
    assertEquals(test, show(layout.test()));
    assertEquals(classes, String.join(" ", layout.classNames()));
    assertEquals(notes, String.join("; ", layout.notes()));
  }

  @Test
  void trainAndTest() {
    for (String test : List.of("test", "val")) {
      assertLayout(
          "train/a/1.png:0 train/a/2.png:0 train/b/1.png:1 train/c/1.png:2",
          test + "/a/9.png:0 " + test + "/c/9.png:2",
          "a b c",
          "",
          layout(
              "train/a/1.png",
              "train/a/2.png",
              "train/b/1.png",
              "train/c/1.png",
              test + "/a/9.png",
              test + "/c/9.png"));
    }
  }

  @Test
  void testGoesBeforeVal() {
    assertLayout(
        "train/a/1.png:0 train/b/1.png:1",
        "test/b/1.png:1",
        "a b",
        "not used: images in extra, val",
        layout("train/a/1.png", "train/b/1.png", "val/a/1.png", "test/b/1.png", "extra/1.png"));
    assertLayout(
        "train/a/1.png:0 train/b/1.png:1",
        "val/a/1.png:0",
        "a b",
        "not used: images in test",
        layout("train/a/1.png", "train/b/1.png", "val/a/1.png", "test/1.png"));
    assertLayout(
        "train/a/1.png:0 train/b/1.png:1",
        "",
        "a b",
        "not used: images in test",
        layout("train/a/1.png", "train/b/1.png", "test/1.png"));
  }

  @Test
  void classFolders() {
    assertLayout(
        "a/1.png:0 a/deep/er/2.png:0 b/1.png:1",
        "",
        "a b",
        "",
        layout("b/1.png", "a/1.png", "a/deep/er/2.png"));
  }

  @Test
  void noClasses() {
    assertLayout("1.png:-1 2.png:-1", "", "", "", layout("1.png", "2.png"));
    assertLayout("cats/1.png:-1 cats/2.png:-1", "", "", "", layout("cats/1.png", "cats/2.png"));
    assertLayout("train/1.png:-1", "test/2.png:-1", "", "", layout("train/1.png", "test/2.png"));
    assertLayout(
        "train/a/1.png:-1", "test/b/2.png:-1", "", "", layout("train/a/1.png", "test/b/2.png"));
  }

  @Test
  void oneFolderAroundEverything() {
    assertLayout(
        "x/y/train/a/1.png:0 x/y/train/b/1.png:1",
        "x/y/val/a/1.png:0",
        "a b",
        "",
        layout("x/y/train/a/1.png", "x/y/train/b/1.png", "x/y/val/a/1.png"));
    assertLayout("x/a/1.png:0 x/b/1.png:1", "", "a b", "", layout("x/a/1.png", "x/b/1.png"));
    assertLayout(
        "train/a/1.png:0 train/b/1.png:1", "", "a b", "", layout("train/a/1.png", "train/b/1.png"));
  }

  @Test
  void leftAside() {
    assertLayout(
        "a/1.png:0 b/1.png:1",
        "",
        "a b",
        "not used: 1 image outside the class folders: plan.png; no class: folders without images:"
            + " docs, empty",
        layout("a/1.png", "b/1.png", "plan.png", "empty/", "docs/more/", "a/sub/"));
  }

  @Test
  void errors() {
    assertEquals(
        "data set folder: no JPEG or PNG images in ROOT; looked for train/<class>/*.jpg, jpeg, png"
            + " and test/ or val/ beside it, for <class>/*, and for images without class folders",
        dataError(() -> layout("a/", "b/")));
    assertEquals(
        "data set folder: ROOT has images in test, val, but none to train on in train",
        dataError(() -> layout("test/a/1.png", "val/a/1.png")));
    assertEquals(
        "data set folder: ROOT has images in x/val, but none to train on in x/train",
        dataError(() -> layout("x/val/a/1.png", "x/val/b/1.png")));
    assertEquals(
        "data set folder: test/ has classes that train/ has not: c, d",
        dataError(
            () ->
                layout(
                    "train/a/1.png",
                    "train/b/1.png",
                    "test/a/1.png",
                    "test/c/1.png",
                    "test/d/1.png")));
  }

  @Test
  void longLists() {
    assertEquals("a, b", FolderLayout.some(List.of("a", "b")));
    List<String> many = IntStream.range(0, 13).mapToObj(String::valueOf).toList();
    assertEquals("0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 3 more", FolderLayout.some(many));
    assertEquals("0 images", FolderLayout.count(0, "image"));
    assertEquals("1 image", FolderLayout.count(1, "image"));
  }
}
