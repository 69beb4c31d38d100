/// Tensors, shapes, element types, devices and lifetimes: what users hold in their hands.
@NullMarked
package ibrik.tensor;

import org.jspecify.annotations.NullMarked;
