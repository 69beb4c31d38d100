/// placeholder
@NullMarked
package ibrik.ssl.method.deepcluster;

import org.jspecify.annotations.NullMarked;
