package ibrik.ssl.cli;

import java.util.Objects;
import picocli.CommandLine.IVersionProvider;

/// `ibrik --version`.
final class Version implements IVersionProvider {
  @Override
  public String[] getVersion() {
    String version = Version.class.getPackage().getImplementationVersion();
    return new String[] {
      "ibrik " + Objects.requireNonNullElse(version, "development"), "Java " + Runtime.version()
    };
  }
}
