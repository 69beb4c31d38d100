package ibrik.bench;

import com.fasterxml.jackson.databind.JsonNode;
import ibrik.bench.report.BenchReport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/// Runs benchmarks: JMH's command line with a few more options, and two commands beside it.
///
/// ```
/// ./ibrik bench MatMulBench -p size=256x256x256 --out bench/results/x.json
/// ./ibrik bench report                     # a page of the results
/// ./ibrik bench guard                      # ratios against their floors
/// ```
public final class Main {
  private static final String ROOFS = "\\.(CopyRoof|FmaRoof)\\.";

  private static final String HELP =
      """
        --out <file>   also write date, machine, roofs and numbers as JSON
        --note <text>  a remark for that file
        --threads <n>  threads of the cpu backend; all processors if not given
        --quick        one fork, short iterations: a first look
        --no-roofs     leave out copy and FMA peak, and with them percents of the roof
      Commands: report, guard (each with --help)\
      """;

  private Main() {}

  /// Exits with 1 if a benchmark failed or is slower than its floor, with 2 if an option is wrong.
  public static void main(String[] args) throws IOException {
    int status;
    try {
      List<String> rest = new ArrayList<>(Arrays.asList(args));
      String command = rest.isEmpty() ? "" : rest.getFirst();
      status =
          switch (command) {
            case "report" -> BenchReport.run(rest.subList(1, rest.size()));
            case "guard" -> Guard.run(rest.subList(1, rest.size()));
            default -> run(rest);
          };
    } catch (CommandLineOptionException | IllegalArgumentException wrong) {
      System.err.println(wrong.getMessage());
      status = 2;
    } catch (RunnerException failed) {
      System.err.println(failed.getMessage());
      status = 1;
    }
    if (status != 0) {
      System.exit(status);
    }
  }

  private static int run(List<String> args)
      throws CommandLineOptionException, RunnerException, IOException {
    Options own = new Options(args);
    String out = own.value("--out");
    String note = own.value("--note");
    String given = own.value("--threads");
    boolean quick = own.flag("--quick");
    boolean roofless = own.flag("--no-roofs");
    CommandLineOptions options = new CommandLineOptions(own.rest().toArray(String[]::new));
    if (options.shouldHelp()) {
      options.showHelp();
      System.out.println(HELP);
      return 0;
    }
    if (options.shouldList()) {
      new Runner(options).list();
      return 0;
    }
    int threads =
        given == null ? Runtime.getRuntime().availableProcessors() : Options.count(given, 1);
    int forks = options.getForkCount().orElse(quick ? 1 : -1);
    List<Roofline> roofs = roofless ? List.of() : roofs(threads, quick, forks == 0);
    // Before the arguments of the benchmark's own, which stay.
    ChainedOptionsBuilder builder =
        new OptionsBuilder()
            .parent(options)
            .exclude(ROOFS)
            .jvmArgsPrepend("-Dibrik.threads=" + threads);
    if (quick) {
      brief(builder.forks(forks));
    }
    Collection<RunResult> results = new Runner(builder.build()).run();
    ResultDocument document = new ResultDocument(note == null ? "" : note, threads, roofs);
    document.add(results);
    document.print(System.out);
    if (out != null) {
      document.write(Path.of(out));
    }
    return results.isEmpty() ? 1 : 0;
  }

  private static void brief(ChainedOptionsBuilder builder) {
    builder
        .warmupIterations(2)
        .warmupTime(TimeValue.seconds(1))
        .measurementIterations(3)
        .measurementTime(TimeValue.milliseconds(500));
  }

  /// Copy bandwidth and FMA peak on one thread and on `threads`.
  private static List<Roofline> roofs(int threads, boolean quick, boolean here)
      throws RunnerException, IOException {
    List<Roofline> roofs = new ArrayList<>();
    for (int count : new TreeSet<>(List.of(1, threads))) {
      ChainedOptionsBuilder builder =
          new OptionsBuilder().include(ROOFS).threads(count).forks(here ? 0 : 1);
      if (quick) {
        brief(builder);
      }
      JsonNode runs = ResultDocument.jmh(new Runner(builder.build()).run());
      roofs.add(Roofline.of(count, runs));
    }
    return roofs;
  }
}
