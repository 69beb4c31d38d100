/// placeholder
@NullMarked
package ibrik.ssl.method.relicv2;

import org.jspecify.annotations.NullMarked;
