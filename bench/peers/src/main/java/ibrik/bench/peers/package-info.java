/// Times the same work here and in other libraries for the JVM, in one virtual machine and by
/// turns. Built with `-Ppeers` only; nothing of them is part of the project.
@NullMarked
package ibrik.bench.peers;

import org.jspecify.annotations.NullMarked;
