/// TEMP
@NullMarked
package ibrik.ssl.method.fastmoco;

import org.jspecify.annotations.NullMarked;
