/// The CPU backend: Vector API kernels on off-heap memory, multi-threaded, bit-identical for any
/// number of threads. The only package that touches the Vector API.
@NullMarked
package ibrik.kernels.cpu;

import org.jspecify.annotations.NullMarked;
