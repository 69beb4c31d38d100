/// The one seam every op passes through, the interpreter at its bottom, programs that replay what
/// passed through it, and layers that plan and measure.
@NullMarked
package ibrik.tensor.exec;

import org.jspecify.annotations.NullMarked;
