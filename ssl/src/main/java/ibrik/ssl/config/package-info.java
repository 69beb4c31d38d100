/// Run configurations: typed records, defaults per method, merging with clear errors.
@NullMarked
package ibrik.ssl.config;

import org.jspecify.annotations.NullMarked;
