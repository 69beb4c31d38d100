/// TEMP
@NullMarked
package ibrik.ssl.method.mocov3;

import org.jspecify.annotations.NullMarked;
