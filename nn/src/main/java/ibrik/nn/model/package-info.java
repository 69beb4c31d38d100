/// Encoders: residual networks.
@NullMarked
package ibrik.nn.model;

import org.jspecify.annotations.NullMarked;
