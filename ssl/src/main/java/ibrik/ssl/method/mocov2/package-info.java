/// TEMP
@NullMarked
package ibrik.ssl.method.mocov2;

import org.jspecify.annotations.NullMarked;
