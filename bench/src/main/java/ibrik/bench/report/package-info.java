/// One page of all result files: roofline, rates, peers, the guard, and how rates changed.
@NullMarked
package ibrik.bench.report;

import org.jspecify.annotations.NullMarked;
