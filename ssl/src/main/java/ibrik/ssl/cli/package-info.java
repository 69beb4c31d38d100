/// The command line.
@NullMarked
package ibrik.ssl.cli;

import org.jspecify.annotations.NullMarked;
