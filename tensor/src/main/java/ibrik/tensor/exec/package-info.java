/// The one seam every op passes through, and the interpreter at its bottom.
@NullMarked
package ibrik.tensor.exec;

import org.jspecify.annotations.NullMarked;
