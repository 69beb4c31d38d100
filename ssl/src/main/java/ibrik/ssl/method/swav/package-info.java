/// placeholder
@NullMarked
package ibrik.ssl.method.swav;

import org.jspecify.annotations.NullMarked;
