package ibrik.ssl.cli;

import ibrik.nn.model.Models;
import ibrik.ssl.data.DataSets;
import ibrik.ssl.method.MethodFactory;
import ibrik.ssl.method.Methods;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `ibrik list`.
@Command(name = "list", description = "Name the methods, data sets and models there are.")
final class ListCommand extends AnyCommand {
  /// What can be listed.
  enum What {
    ALL,
    METHODS,
    DATA,
    MODELS
  }

  @Parameters(
      index = "0",
      arity = "0..1",
      defaultValue = "all",
      paramLabel = "<what>",
      description = "methods, data, models or all (default)")
  private What what = What.ALL;

  @Override
  public Integer call() {
    PrintWriter out = out();
    if (what == What.ALL || what == What.METHODS) {
      out.println("methods");
      for (MethodFactory<?> method : Methods.all()) {
        out.printf("  %-15s %s%n", method.name(), method.summary());
      }
    }
    if (what == What.ALL || what == What.DATA) {
      out.println("data");
      for (DataSets.Source source : DataSets.all()) {
        out.printf("  %-15s %s%n", source.name(), source.summary());
      }
    }
    if (what == What.ALL || what == What.MODELS) {
      out.println("models");
      Models.names().forEach(name -> out.println("  " + name));
    }
    return 0;
  }
}
