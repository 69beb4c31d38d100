/// Reverse-mode differentiation: a tape that layers over the interpreter, and rule tables that fit
/// on a page per family.
@NullMarked
package ibrik.autograd;

import org.jspecify.annotations.NullMarked;
