/// Philox4x32-10 counter-based random numbers.
@NullMarked
package ibrik.tensor.random;

import org.jspecify.annotations.NullMarked;
