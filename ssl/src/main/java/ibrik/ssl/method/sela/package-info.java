/// placeholder
@NullMarked
package ibrik.ssl.method.sela;

import org.jspecify.annotations.NullMarked;
