/// Tests of whole runs: bits, resume, collapse, divergence.
@org.jspecify.annotations.NullMarked
package ibrik.ssl.train;
