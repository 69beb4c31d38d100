package ibrik.tensor;

import ibrik.tensor.backend.Backends;
import ibrik.tensor.exec.Interpreter;
import ibrik.tensor.op.Update;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/// Named mutable state: parameters, EMA targets, optimiser moments, running statistics, schedule
/// scalars, random counters.
///
/// [#value()] is always the same tensor handle over the same memory; only update ops and the `set`
/// methods change its numbers. A variable belongs to no scope: whoever makes it closes it.
public final class Variable implements AutoCloseable {
  private final String name;
  private final Tensor value;

  private Variable(String name, Tensor value) {
    this.name = name;
    this.value = value;
  }

  /// A variable with a copy of `initial`'s numbers, on its device.
  public static Variable of(String name, Tensor initial) {
    Interpreter.current().hostAccess("Variable.of", initial.spec());
    Tensor value = Tensor.allocateMutable(initial.spec(), initial.device(), name);
    Variable variable = new Variable(name, value);
    try {
      variable.set(initial);
    } catch (RuntimeException failed) {
      value.close();
      throw failed;
    }
    return variable;
  }

  /// A variable filled with zeros.
  public static Variable zeros(String name, TensorSpec spec, Device device) {
    Interpreter.current().hostAccess("Variable.zeros", spec);
    Tensor value = Tensor.allocateMutable(spec, device, name);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment zeros = arena.allocate(Math.max(spec.bytes(), 1));
      Backends.of(device).upload(zeros, value.buffer(), 0, spec.bytes());
    }
    return new Variable(name, value);
  }

  /// A 0-d f32 variable: a learning rate, a temperature, a momentum.
  public static Variable scalar(String name, double value, Device device) {
    Variable variable = zeros(name, new TensorSpec(DType.F32, Shape.scalar()), device);
    variable.set(value);
    return variable;
  }

  /// The name, unique within its owner.
  public String name() {
    return name;
  }

  /// The current numbers, as a live handle: it shows later updates.
  public Tensor value() {
    return value;
  }

  /// Element type and shape.
  public TensorSpec spec() {
    return value.spec();
  }

  /// Copies the numbers of `source`, of the same type and shape.
  public void set(Tensor source) {
    Interpreter.current().apply(new Update.Assign(), List.of(value, source));
  }

  /// Writes one number to a 0-d variable from the host.
  public void set(double number) {
    Interpreter.current().hostAccess("Variable.set(double)", spec());
    if (value.elems() != 1) {
      throw new IllegalStateException("[variable] " + name + " is no scalar; got " + spec());
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment cell = arena.allocate(8, 8);
      Elements.set(cell, value.dtype(), 0, number);
      Backends.of(value.device())
          .upload(cell, value.buffer(), value.offsetBytes(), value.spec().bytes());
    }
    value.markWritten();
  }

  /// Writes host memory holding exactly the dense elements.
  public void set(MemorySegment source) {
    Interpreter.current().hostAccess("Variable.set(MemorySegment)", spec());
    if (source.byteSize() != spec().bytes()) {
      throw new IllegalArgumentException(
          "[variable] "
              + name
              + " "
              + spec()
              + " needs "
              + spec().bytes()
              + " bytes; got "
              + source.byteSize());
    }
    Backends.of(value.device())
        .upload(source, value.buffer(), value.offsetBytes(), source.byteSize());
    value.markWritten();
  }

  @Override
  public void close() {
    value.close();
  }

  @Override
  public String toString() {
    return name + " = " + value;
  }
}
