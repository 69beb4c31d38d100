/// Tests against known answers, properties, and independent slow computations.
@org.jspecify.annotations.NullMarked
package ibrik.ssl.data;
