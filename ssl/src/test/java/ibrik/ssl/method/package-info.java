/// Tests of the methods' common parts.
@org.jspecify.annotations.NullMarked
package ibrik.ssl.method;
