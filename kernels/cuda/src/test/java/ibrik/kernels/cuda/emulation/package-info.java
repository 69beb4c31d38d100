/// A driver that compiles `.cu` files with g++ and runs them on the host: for tests.
package ibrik.kernels.cuda.emulation;
