package ibrik.ssl.data;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// What the images of a folder are for, told by their paths alone: which are to train on, which to
/// test on, and of which class each is.
///
/// @param train images to train on
/// @param test images to test on; empty: some of the others must be held out
/// @param classNames by label; empty: there are no labels
/// @param notes what was left aside, and why
record FolderLayout(
    List<Item> train, List<Item> test, List<String> classNames, List<String> notes) {
  private static final String TRAIN = "train";
  private static final List<String> TESTS = List.of("test", "val");

  /// Copies the lists.
  FolderLayout {
    train = List.copyOf(train);
    test = List.copyOf(test);
    classNames = List.copyOf(classNames);
    notes = List.copyOf(notes);
  }

  /// An image.
  ///
  /// @param path with `/` between folders
  /// @param label class, or [ImageSet#NO_LABEL]
  record Item(String path, int label) {}

  /// Reads off the layout.
  ///
  /// @param root for errors: where the paths begin
  /// @param images paths of images, sorted
  /// @param folders paths of all folders
  static FolderLayout of(String root, List<String> images, Collection<String> folders) {
    if (images.isEmpty()) {
      throw new DataException(
          "data set folder: no JPEG or PNG images in "
              + root
              + "; looked for train/<class>/*.jpg, jpeg, png and test/ or val/ beside it, for"
              + " <class>/*, and for images without class folders");
    }
    String top = commonFolder(images);
    List<String> firsts = firsts(images, top);
    List<String> notes = new ArrayList<>();
    if (!firsts.contains(TRAIN)) {
      if (firsts.stream().anyMatch(TESTS::contains)) {
        throw new DataException(
            "data set folder: "
                + root
                + " has images in "
                + top
                + String.join(", ", firsts)
                + ", but none to train on in "
                + top
                + TRAIN);
      }
      Part all = new Part(top, images);
      List<String> classes = classes(all, folders, notes);
      return new FolderLayout(all.items(classes), List.of(), classes, notes);
    }
    Part train = new Part(top + TRAIN + "/", images);
    List<String> classes = classes(train, folders, notes);
    Optional<Part> test = testPart(images, top, !classes.isEmpty());
    test.ifPresent(part -> checkClasses(part, classes));
    Set<String> unused = new TreeSet<>(firsts);
    unused.remove(TRAIN);
    test.ifPresent(part -> unused.remove(part.name(top)));
    if (!unused.isEmpty()) {
      notes.add("not used: images in " + String.join(", ", unused));
    }
    return new FolderLayout(
        train.items(classes),
        test.map(part -> part.items(classes)).orElse(List.of()),
        classes,
        notes);
  }

  /// The folder, with `/` at its end, that holds all images and does not mean a part or a class:
  /// archives often hold one folder with everything in it.
  private static String commonFolder(List<String> images) {
    String top = "";
    while (true) {
      String name = first(images.getFirst(), top);
      String next = top + name + "/";
      if (name.isEmpty()
          || name.equals(TRAIN)
          || TESTS.contains(name)
          || !images.stream().allMatch(path -> path.startsWith(next))) {
        return top;
      }
      top = next;
    }
  }

  /// The folder that follows `top` in `path`, empty if the image lies in `top` itself.
  private static String first(String path, String top) {
    int end = path.indexOf('/', top.length());
    return end < 0 ? "" : path.substring(top.length(), end);
  }

  private static List<String> firsts(List<String> images, String top) {
    return images.stream()
        .map(path -> first(path, top))
        .filter(name -> !name.isEmpty())
        .distinct()
        .sorted()
        .toList();
  }

  /// The images below one folder.
  private record Part(String folder, List<String> images) {
    Part {
      images = images.stream().filter(path -> path.startsWith(folder)).toList();
    }

    List<String> folders() {
      return firsts(images, folder);
    }

    String name(String top) {
      return folder.substring(top.length(), folder.length() - 1);
    }

    /// With labels, where there are classes; images outside of class folders are left out then.
    List<Item> items(List<String> classes) {
      return images.stream()
          .map(
              path ->
                  new Item(
                      path,
                      classes.isEmpty() ? ImageSet.NO_LABEL : classes.indexOf(first(path, folder))))
          .filter(item -> classes.isEmpty() || item.label >= 0)
          .toList();
    }
  }

  /// Names of the classes of `train`; none if there are fewer than two, which would say nothing.
  private static List<String> classes(Part train, Collection<String> folders, List<String> notes) {
    List<String> classes = train.folders();
    if (classes.size() < 2) {
      return List.of();
    }
    List<String> loose =
        train.images.stream().filter(path -> first(path, train.folder).isEmpty()).toList();
    if (!loose.isEmpty()) {
      notes.add(
          "not used: "
              + count(loose.size(), "image")
              + " outside the class folders: "
              + some(loose));
    }
    List<String> empty =
        folders.stream()
            .filter(path -> path.startsWith(train.folder))
            .map(path -> path.substring(train.folder.length()))
            .filter(name -> !name.isEmpty() && name.indexOf('/') < 0 && !classes.contains(name))
            .sorted()
            .toList();
    if (!empty.isEmpty()) {
      notes.add("no class: folders without images: " + some(empty));
    }
    return classes;
  }

  /// The first part to test on that has images and, where labels are wanted, class folders.
  private static Optional<Part> testPart(List<String> images, String top, boolean labelled) {
    return TESTS.stream()
        .map(name -> new Part(top + name + "/", images))
        .filter(part -> labelled ? !part.folders().isEmpty() : !part.images.isEmpty())
        .findFirst();
  }

  private static void checkClasses(Part test, List<String> classes) {
    List<String> unknown = new ArrayList<>(test.folders());
    unknown.removeAll(classes);
    if (!classes.isEmpty() && !unknown.isEmpty()) {
      throw new DataException(
          "data set folder: "
              + test.folder
              + " has classes that "
              + TRAIN
              + "/ has not: "
              + some(unknown));
    }
  }

  /// `1 image`, `2 images`.
  static String count(int number, String what) {
    return number + " " + what + (number == 1 ? "" : "s");
  }

  /// The first of some names, and how many more there are.
  static String some(List<String> names) {
    int shown = Math.min(10, names.size());
    String list = String.join(", ", names.subList(0, shown));
    return shown == names.size() ? list : list + " and " + (names.size() - shown) + " more";
  }
}
