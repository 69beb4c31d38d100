/// Tests of settings: their names, layers and checks.
@org.jspecify.annotations.NullMarked
package ibrik.ssl.config;
