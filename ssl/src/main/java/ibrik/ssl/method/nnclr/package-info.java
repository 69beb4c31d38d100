/// TEMP
@NullMarked
package ibrik.ssl.method.nnclr;

import org.jspecify.annotations.NullMarked;
