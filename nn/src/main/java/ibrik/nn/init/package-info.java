/// Initial values of parameters.
@NullMarked
package ibrik.nn.init;

import org.jspecify.annotations.NullMarked;
