/// Files and text: safetensors, npy, printing.
@NullMarked
package ibrik.tensor.io;

import org.jspecify.annotations.NullMarked;
