/// Low-bit networks: quantisers made of several ops, scales from observed numbers.
@NullMarked
package ibrik.nn.quant;

import org.jspecify.annotations.NullMarked;
