/// TEMP
@NullMarked
package ibrik.ssl.method.fair;

import org.jspecify.annotations.NullMarked;
