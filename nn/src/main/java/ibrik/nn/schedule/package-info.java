/// Numbers that change with the step, kept on the device.
@NullMarked
package ibrik.nn.schedule;

import org.jspecify.annotations.NullMarked;
