/// placeholder
@NullMarked
package ibrik.ssl.method.twist;

import org.jspecify.annotations.NullMarked;
