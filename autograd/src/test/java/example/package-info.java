/// An op from outside the project, as `docs/add-an-op.md` shows it.
@NullMarked
package example;

import org.jspecify.annotations.NullMarked;
