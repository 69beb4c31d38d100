/// placeholder
@NullMarked
package ibrik.ssl.method.dino;

import org.jspecify.annotations.NullMarked;
