/// What methods share that label all images once per epoch: a bank of their embeddings, the labels,
/// and the loss.
@NullMarked
package ibrik.ssl.method.cluster;

import org.jspecify.annotations.NullMarked;
