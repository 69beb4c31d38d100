package ibrik.ssl.cli;

import ibrik.ssl.config.Request;
import ibrik.ssl.config.Schema;
import ibrik.ssl.config.Setting;
import ibrik.ssl.method.MethodFactory;
import ibrik.ssl.method.Methods;
import ibrik.ssl.method.Preset;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgGroupSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/// `ibrik pretrain METHOD`: one command per method, its flags made from the method's settings.
final class PretrainCommand implements Callable<Integer> {
  private final MethodFactory<?> method;
  private final Map<String, Flag> flags = new LinkedHashMap<>();
  private final CommandSpec spec;

  /// What a flag sets.
  private record Flag(Setting setting, int view) {}

  private PretrainCommand(MethodFactory<?> method, boolean flags) {
    this.method = method;
    this.spec = CommandSpec.wrapWithoutInspection(this);
    spec.mixinStandardHelpOptions(false);
    spec.usageMessage()
        .description(method.summary() + ".")
        .sortOptions(false)
        .abbreviateSynopsis(true)
        .footerHeading("%nExamples:%n")
        .footer(
            "  ibrik pretrain " + method.name() + " --epochs 5 --threads 2",
            "  ibrik pretrain " + method.name() + " --config mine.json --seed 7 --out runs/seven",
            "  ibrik pretrain " + method.name() + " --resume runs/seven");
    if (flags) {
      runOptions();
      presets();
      settings();
    }
  }

  /// The command with a sub-command for every method.
  ///
  /// @param typed which methods get their flags too, by name. Those of all methods together take
  ///   half a second to make, and whoever trains uses those of one
  static CommandSpec spec(Predicate<String> typed) {
    CommandSpec all =
        CommandSpec.wrapWithoutInspection(
            new Callable<Integer>() {
              @Override
              public Integer call() {
                throw new IllegalArgumentException(
                    "[pretrain] which method? One of "
                        + String.join(", ", Methods.names())
                        + "; for example: ibrik pretrain byol");
              }
            });
    all.name("pretrain");
    all.usageMessage()
        .description("Train an encoder, measure it, write a report.")
        .footerHeading("%nExamples:%n")
        .footer(
            "  ibrik pretrain byol",
            "  ibrik pretrain byol --no-predictor --epochs 5   (watch it collapse)",
            "  ibrik pretrain byol --help                      (every setting)");
    all.addMixin("common", CommandSpec.forAnnotatedObject(new Common()));
    for (MethodFactory<?> method : Methods.all()) {
      String name = method.name();
      all.addSubcommand(name, new PretrainCommand(method, typed.test(name)).spec);
    }
    return all;
  }

  private void runOptions() {
    ArgGroupSpec.Builder run =
        ArgGroupSpec.builder().validate(false).heading("%nRun (does not change its numbers):%n");
    run.addArg(
        OptionSpec.builder("--out")
            .type(Path.class)
            .paramLabel("<folder>")
            .description("folder of the run (default: runs/METHOD-DATA-TIME)")
            .build());
    run.addArg(
        OptionSpec.builder("--resume")
            .type(Path.class)
            .arity("0..1")
            .fallbackValue("")
            .paramLabel("<folder>")
            .description("go on with this run (default: --out, else the newest unfinished one)")
            .build());
    run.addArg(
        OptionSpec.builder("--config")
            .type(Path.class)
            .paramLabel("<file>")
            .description("settings as JSON; flags win over it")
            .build());
    run.addArg(
        OptionSpec.builder("--dry-run")
            .type(boolean.class)
            .arity("0")
            .description(
                "check everything and say what a step takes (memory, operations, time: some are"
                    + " tried), then end: nothing is kept or written")
            .build());
    run.addArg(number("--threads", "threads that compute (default: all processors)"));
    run.addArg(number("--workers", "threads that make views (default: 1)"));
    run.addArg(number("--checkpoint-every", "steps between checkpoints (default: once per epoch)"));
    spec.addArgGroup(run.build());
    spec.addMixin("common", CommandSpec.forAnnotatedObject(new Common()));
  }

  private void presets() {
    spec.addArgGroup(
        ArgGroupSpec.builder()
            .validate(false)
            .heading("%nRecipe:%n")
            .addArg(
                OptionSpec.builder("--preset")
                    .type(String.class)
                    .paramLabel(String.join("|", Preset.names()))
                    .description(
                        "settings to start from, encoder included; all others win over them"
                            + " (default: what suits the images)")
                    .build())
            .build());
  }

  private static OptionSpec number(String name, String description) {
    return OptionSpec.builder(name)
        .type(int.class)
        .paramLabel("<n>")
        .description(description)
        .build();
  }

  private void settings() {
    Map<String, ArgGroupSpec.Builder> groups = new LinkedHashMap<>();
    Schema schema = Schema.of(method);
    int views = method.views(Preset.CIFAR).size();
    DefaultTexts defaults = new DefaultTexts(method);
    for (Setting setting : schema.settings()) {
      ArgGroupSpec.Builder group =
          groups.computeIfAbsent(
              setting.section(),
              section ->
                  ArgGroupSpec.builder().validate(false).heading(heading(section, schema, views)));
      String flag = "--" + setting.flag();
      group.addArg(option(flag, setting, Request.ALL_VIEWS, defaults.of(setting), false));
      if (setting.perView() && views > 1) {
        for (int view = 0; view < views; view++) {
          String one = "--view" + (view + 1) + "-" + setting.flag();
          group.addArg(option(one, setting, view, "", true));
        }
      }
    }
    groups.values().forEach(group -> spec.addArgGroup(group.build()));
  }

  private static String heading(String section, Schema schema, int views) {
    String title =
        switch (section) {
          case "" -> "Reproducing";
          case "data" -> "Data";
          case "model" -> "Encoder";
          case "train" -> "Training";
          case "eval" -> "Evaluation";
          case Schema.VIEWS ->
              views > 1 ? "Views (all; --view1-... and so on for one of them)" : "View";
          default -> schema.own().equals(section) ? "Method" : section;
        };
    return "%n" + title + ":%n";
  }

  private OptionSpec option(
      String flag, Setting setting, int view, String defaults, boolean hidden) {
    flags.put(flag, new Flag(setting, view));
    OptionSpec.Builder option =
        OptionSpec.builder(flag)
            .hidden(hidden)
            .description(setting.description() + (defaults.isEmpty() ? "" : " (" + defaults + ")"));
    Class<?> type = setting.type();
    if (type == boolean.class) {
      return option.type(Boolean.class).arity("0").negatable(true).build();
    }
    return option.type(type).paramLabel(label(type)).build();
  }

  private static String label(Class<?> type) {
    if (type.isEnum()) {
      return String.join("|", Schema.names(type));
    }
    return type == String.class ? "<text>" : type == double.class ? "<x>" : "<n>";
  }

  /// Runs with what was typed.
  @Override
  public Integer call() throws Exception {
    CommandLine line = spec.commandLine();
    ParseResult typed = line.getParseResult();
    int threads = count(typed, "--threads", Runtime.getRuntime().availableProcessors(), 1);
    int workers = count(typed, "--workers", 1, 0);
    int every = count(typed, "--checkpoint-every", 0, 0);
    Path config = typed.matchedOptionValue("--config", (Path) null);
    Request request = config == null ? Request.of(method) : Request.of(method, config);
    if (typed.hasMatchedOption("--preset")) {
      request.preset(typed.matchedOptionValue("--preset", ""));
    }
    for (OptionSpec option : typed.matchedOptions()) {
      Flag flag = flags.get(option.longestName());
      if (flag != null) {
        request.set(flag.setting, flag.view, option.getValue());
      }
    }
    Pretraining job = new Pretraining(line, request, threads, workers, every);
    @Nullable Path out = typed.matchedOptionValue("--out", (Path) null);
    List<String> args = line.getParseResult().originalArgs();
    boolean dry = typed.hasMatchedOption("--dry-run");
    if (dry && typed.hasMatchedOption("--resume")) {
      throw new IllegalArgumentException(
          "[pretrain] --dry-run is of a new run; leave --resume out");
    }
    if (dry) {
      return job.dryRun();
    }
    if (typed.hasMatchedOption("--resume")) {
      Path given = typed.matchedOptionValue("--resume", Path.of(""));
      return job.resume(given.toString().isEmpty() ? out : given);
    }
    return job.start(out, Main.typed(rootArgs(line, args)));
  }

  /// The arguments of the whole command, from its root.
  private static List<String> rootArgs(CommandLine line, List<String> own) {
    CommandLine root = line;
    while (root.getParent() != null) {
      root = root.getParent();
    }
    ParseResult all = root.getParseResult();
    return all == null ? own : all.originalArgs();
  }

  private int count(ParseResult typed, String name, int otherwise, int least) {
    int value = typed.matchedOptionValue(name, otherwise);
    if (value < least) {
      throw new ParameterException(
          spec.commandLine(), name + " must be at least " + least + "; got " + value);
    }
    return value;
  }
}
