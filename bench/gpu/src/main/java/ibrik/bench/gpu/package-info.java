/// Kernels timed on a GPU by events, without the host's part.
@NullMarked
package ibrik.bench.gpu;

import org.jspecify.annotations.NullMarked;
