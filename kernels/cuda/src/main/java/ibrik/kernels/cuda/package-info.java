/// Kernels for NVIDIA GPUs: `.cu` files compiled on first use, their launchers, and the backend
/// that runs them.
@NullMarked
package ibrik.kernels.cuda;

import org.jspecify.annotations.NullMarked;
