/// Supervised training with labels: the ceiling that self-supervised features are compared with. On
/// several devices logits and labels are gathered.
@NullMarked
package ibrik.ssl.method.supervised;

import org.jspecify.annotations.NullMarked;
