package ibrik.ssl.method.fair;

import ibrik.nn.Module;
import ibrik.nn.Parameter;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import java.util.LinkedHashMap;
import java.util.Map;

/// Gives each parameter of a network the Frobenius norm that it has in another network of the same
/// form: `W <- W |W_ref| / |W|`. Directions stay. After it a network that was trained with LARS can
/// be fine-tuned with the rates that suit one trained with SGD.
///
/// A weight followed by batch norm may have any norm: the function stays the same in train mode,
/// and its running statistics must be taken anew before eval mode. Scales, shifts, biases and a
/// last weight change the function. Running statistics are left alone.
///
/// **Source** Huang, Kong and Zhang 2022, arXiv:2208.00275.
public final class NormRescale {
  /// Which parameters are rescaled.
  public enum Which {
    /// Matrices and kernels.
    WEIGHTS,
    /// Norms and biases as well, as in the official demonstration.
    ALL
  }

  private NormRescale() {}

  /// Rescales `network` and returns the factor of each parameter, by its name within the network.
  /// Where either norm is 0 (a scale that started there, a bias) the factor is 1.
  ///
  /// @throws IllegalArgumentException if a parameter has no partner of its shape
  public static Map<String, Double> apply(Module reference, Module network, Which which) {
    Map<String, Parameter> partners = new LinkedHashMap<>();
    reference.parameters().forEach(p -> partners.put(reference.localName(p.variable()), p));
    network.parameters().forEach(p -> check(network.localName(p.variable()), p, partners));
    Map<String, Double> factors = new LinkedHashMap<>();
    for (Parameter p : network.parameters()) {
      if (which == Which.WEIGHTS && p.role() != Parameter.Role.WEIGHT) {
        continue;
      }
      String name = network.localName(p.variable());
      Parameter partner = partners.get(name);
      double wanted = partner == null ? 0 : norm(partner.value());
      double own = norm(p.value());
      double factor = wanted == 0 || own == 0 ? 1 : wanted / own;
      try (TensorScope _ = TensorScope.open()) {
        p.variable().set(p.value().mul(factor));
      }
      factors.put(name, factor);
    }
    return factors;
  }

  private static void check(String name, Parameter p, Map<String, Parameter> partners) {
    Parameter partner = partners.get(name);
    if (partner == null || !partner.variable().spec().shape().equals(p.variable().spec().shape())) {
      throw new IllegalArgumentException(
          "[norm_rescale] networks must have the same form; got "
              + name
              + ": "
              + p.variable().spec()
              + " and "
              + (partner == null ? "none" : partner.variable().spec()));
    }
  }

  private static double norm(Tensor tensor) {
    double squares = 0;
    for (double x : tensor.toDoubles()) {
      squares += x * x;
    }
    return Math.sqrt(squares);
  }
}
