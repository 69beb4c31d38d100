/// TEMP
@NullMarked
package ibrik.ssl.method.msbreg;

import org.jspecify.annotations.NullMarked;
