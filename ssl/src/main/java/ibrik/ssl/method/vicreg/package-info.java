/// TEMP
@NullMarked
package ibrik.ssl.method.vicreg;

import org.jspecify.annotations.NullMarked;
