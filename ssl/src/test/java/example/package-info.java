/// A method as somebody would add it: what `docs/add-a-method.md` quotes.
@org.jspecify.annotations.NullMarked
package example;
