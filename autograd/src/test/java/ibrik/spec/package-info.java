/// One spec per op, from which the tests of every backend are generated.
@NullMarked
package ibrik.spec;

import org.jspecify.annotations.NullMarked;
