/// Tests against numbers worked out by hand and against a slow, separate computation.
@org.jspecify.annotations.NullMarked
package ibrik.ssl.augment;
