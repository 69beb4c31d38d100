/// Tests against numbers worked out by hand and against straight-line training steps.
@org.jspecify.annotations.NullMarked
package ibrik.ssl.method.sela;
