/// Benchmarks: one class per op, JMH, through the public tensor API. `Main` runs them and writes
/// the numbers with the date and the machine they belong to.
@NullMarked
package ibrik.bench;

import org.jspecify.annotations.NullMarked;
