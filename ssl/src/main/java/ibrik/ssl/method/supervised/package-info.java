/// Supervised training with labels: the ceiling that self-supervised features are compared with.
@NullMarked
package ibrik.ssl.method.supervised;

import org.jspecify.annotations.NullMarked;
