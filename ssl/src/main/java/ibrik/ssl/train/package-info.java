/// The one trainer of all methods: run folders, checkpoints, resume, final measurements.
@NullMarked
package ibrik.ssl.train;

import org.jspecify.annotations.NullMarked;
