package ibrik.ssl.method.randominit;

/// There is nothing to choose.
public record RandomInitConfig() {}
