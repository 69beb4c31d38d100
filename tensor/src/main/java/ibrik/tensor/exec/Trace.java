package ibrik.tensor.exec;

import ibrik.tensor.Device;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.backend.Kernel;
import ibrik.tensor.op.Op;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a step does, written down by a [Tracer]: ops over numbered values.
///
/// @param device where all of it happens
/// @param blocks the pieces of memory behind the values, by number
/// @param leaves the values that no op made: from outside, or brought by the host
/// @param calls the ops in order
/// @param outputs what the step returned
/// @param valueCount values are numbered from 0 to here
/// @param eagerPeakBytes the most that lived at once when tensors are freed as the step's scopes
///   say
record Trace(
    Device device,
    List<Block> blocks,
    List<Value> leaves,
    List<Call> calls,
    List<Value> outputs,
    int valueCount,
    long eagerPeakBytes) {
  /// Copies the lists.
  Trace {
    blocks = List.copyOf(blocks);
    leaves = List.copyOf(leaves);
    calls = List.copyOf(calls);
    outputs = List.copyOf(outputs);
  }

  /// A piece of memory.
  sealed interface Block {
    /// Position among the blocks.
    int number();

    /// Its size.
    long bytes();

    /// Made by an op of the step: planned.
    record Temporary(int number, long bytes) implements Block {}

    /// Brought by the host while the step was traced: the same numbers in every replay.
    record Constant(int number, byte[] numbers) implements Block {
      @Override
      public long bytes() {
        return numbers.length;
      }
    }

    /// There before the step: the value of a variable, or another tensor from outside.
    record Outside(int number, Tensor tensor) implements Block {
      @Override
      public long bytes() {
        return tensor.spec().bytes();
      }
    }
  }

  /// A tensor of the step.
  ///
  /// @param number in order of appearance
  /// @param block the memory it lies in
  /// @param atBytes where in the block it starts
  /// @param fixed whether the same numbers come in every replay: nothing of a variable went in
  record Value(int number, TensorSpec spec, Block block, long atBytes, boolean fixed) {
    /// Whether it covers its block.
    boolean whole() {
      return atBytes == 0 && spec.bytes() == block.bytes();
    }
  }

  /// An op and what it ran on.
  ///
  /// @param kernel `null` for a free view
  record Call(Op op, List<Value> in, List<Value> out, @Nullable Kernel kernel) {
    /// Copies the lists.
    Call {
      in = List.copyOf(in);
      out = List.copyOf(out);
    }

    List<TensorSpec> inSpecs() {
      return in.stream().map(Value::spec).toList();
    }

    List<TensorSpec> outSpecs() {
      return out.stream().map(Value::spec).toList();
    }

    Cost cost() {
      return kernel == null ? Cost.NONE : Cost.of(op, inSpecs(), outSpecs());
    }
  }
}
