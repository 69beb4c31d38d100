/// The scalar backend: the meaning of every primitive op, accumulating in f64.
@NullMarked
package ibrik.tensor.reference;

import org.jspecify.annotations.NullMarked;
