/// Random views of images: crop and resize, flip, colour jitter, grayscale, blur, solarise,
/// normalise.
///
/// One [ibrik.ssl.augment.View] says how a view is drawn, one [ibrik.ssl.augment.Augmenter] draws
/// it and has [ibrik.tensor.op.ImageOp.Augment] make it. What is drawn depends on (seed, epoch,
/// image, view) and on nothing else. The kernel of the cpu backend adds and multiplies in an order
/// that no lane and no thread changes, so views have the same bits wherever it runs; the scalar
/// reference, which serves without it, rounds less.
@NullMarked
package ibrik.ssl.augment;

import org.jspecify.annotations.NullMarked;
