/// TEMP
@NullMarked
package ibrik.ssl.method.barlow;

import org.jspecify.annotations.NullMarked;
