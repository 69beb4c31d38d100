/// Optimisers and averages over whole parameter lists.
@NullMarked
package ibrik.nn.optim;

import org.jspecify.annotations.NullMarked;
