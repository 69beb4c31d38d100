/// The encoder as it starts: the floor that every method must beat.
@NullMarked
package ibrik.ssl.method.randominit;

import org.jspecify.annotations.NullMarked;
