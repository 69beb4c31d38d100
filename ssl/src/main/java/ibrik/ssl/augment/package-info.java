/// Random views of images: the SimCLR and BYOL pipeline.
@NullMarked
package ibrik.ssl.augment;

import org.jspecify.annotations.NullMarked;
