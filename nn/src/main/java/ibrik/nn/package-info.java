/// Modules: named trees of parameters with a forward function.
@NullMarked
package ibrik.nn;

import org.jspecify.annotations.NullMarked;
