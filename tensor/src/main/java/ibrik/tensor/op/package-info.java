/// Every op: sealed families of records with argument checks, shape rules and, for fused ops,
/// composed definitions.
@NullMarked
package ibrik.tensor.op;

import org.jspecify.annotations.NullMarked;
