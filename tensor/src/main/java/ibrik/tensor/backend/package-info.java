/// What a backend provides: kernels and memory.
@NullMarked
package ibrik.tensor.backend;

import org.jspecify.annotations.NullMarked;
