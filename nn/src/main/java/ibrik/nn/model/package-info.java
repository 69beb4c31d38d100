/// Encoders: residual networks and vision transformers.
@NullMarked
package ibrik.nn.model;

import org.jspecify.annotations.NullMarked;
