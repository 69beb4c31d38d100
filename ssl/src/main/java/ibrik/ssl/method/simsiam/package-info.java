/// TEMP
@NullMarked
package ibrik.ssl.method.simsiam;

import org.jspecify.annotations.NullMarked;
