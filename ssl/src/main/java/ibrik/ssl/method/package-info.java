/// What a method is: networks, loss, moves after a step. One package per paper.
@NullMarked
package ibrik.ssl.method;

import org.jspecify.annotations.NullMarked;
