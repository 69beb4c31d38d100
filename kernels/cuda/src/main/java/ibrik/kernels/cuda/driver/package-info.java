/// The narrow door to CUDA: everything the backend asks of it passes through
/// [ibrik.kernels.cuda.driver.Driver]. Only [ibrik.kernels.cuda.driver.JCudaDriver] knows a
/// binding.
@NullMarked
package ibrik.kernels.cuda.driver;

import org.jspecify.annotations.NullMarked;
