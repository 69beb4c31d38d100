/// Random views of images: crop and resize, flip, colour jitter, grayscale, blur, solarise,
/// normalise.
///
/// One [ibrik.ssl.augment.View] says how a view is drawn, one [ibrik.ssl.augment.Augmenter] makes
/// it. The bits of a view depend on (seed, epoch, image, view) and on nothing else: arithmetic is
/// plain IEEE floats, and functions that may differ between machines come from `StrictMath`.
@NullMarked
package ibrik.ssl.augment;

import org.jspecify.annotations.NullMarked;
