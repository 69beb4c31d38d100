/// Image sets, their files, and the loader that feeds training.
@NullMarked
package ibrik.ssl.data;

import org.jspecify.annotations.NullMarked;
