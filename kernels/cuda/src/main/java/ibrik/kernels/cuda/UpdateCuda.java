package ibrik.kernels.cuda;

import ibrik.kernels.cuda.driver.Grid;
import ibrik.tensor.DType;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.op.Update;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Launches [Update]: a launch for as many tensors of one element type as the arguments of a kernel
/// can name, which is the whole of most models. LARS takes two, norms and steps.
final class UpdateCuda {
  static final CudaFile UPDATE =
      new CudaFile(CudaSource.of("update/update.cu"), 256, List.of("T", "U"), CudaFile.FLOATS);

  /// Elements of a part, the work of a block.
  private static final long PART = 8192;

  private UpdateCuda() {}

  static @Nullable CudaOp op(Update op, List<TensorSpec> in) {
    return switch (op) {
      case Update.Assign _ -> (gpu, args, _) -> LayoutCuda.copy(gpu, args.get(1), args.get(0));
      case Update.Ema(int count) -> ema(in, count);
      case Update.Sgd sgd -> sgd(in, sgd);
      case Update.Lars lars -> lars(in, lars);
      case Update.AdamW adamW -> adamW(in, adamW);
    };
  }

  private static @Nullable CudaOp ema(List<TensorSpec> in, int count) {
    Lists lists = Lists.of(in, 2, 1, Collections.nCopies(count, 0.0));
    if (lists == null) {
      return null;
    }
    return (gpu, args, _) -> {
      for (Batch batch : lists.batches) {
        gpu.kernel(batch.source, "ema_v1")
            .struct(batch.struct(args))
            .tensor(args.getLast())
            .run(batch.grid());
      }
    };
  }

  private static @Nullable CudaOp sgd(List<TensorSpec> in, Update.Sgd op) {
    Lists lists = Lists.of(in, 3, 1, op.weightDecay());
    if (lists == null) {
      return null;
    }
    return (gpu, args, _) -> {
      for (Batch batch : lists.batches) {
        gpu.kernel(batch.source, "sgd_v1")
            .struct(batch.struct(args))
            .tensor(args.getLast())
            .f64(op.momentum())
            .i32(op.nesterov() ? 1 : 0)
            .run(batch.grid());
      }
    };
  }

  private static @Nullable CudaOp lars(List<TensorSpec> in, Update.Lars op) {
    List<Double> decay =
        IntStream.range(0, op.adapt().size())
            .mapToObj(i -> op.adapt().get(i) ? op.weightDecay().get(i) : Double.valueOf(Double.NaN))
            .toList();
    Lists lists = Lists.of(in, 3, 1, decay);
    if (lists == null) {
      return null;
    }
    return (gpu, args, _) -> {
      // The scratch block is one for all launches: each has its own stretch of it.
      long norms = gpu.scratch(lists.parts() * 2 * Double.BYTES);
      for (Batch batch : lists.batches) {
        gpu.kernel(batch.source, "lars_norms")
            .struct(batch.struct(args))
            .address(norms + batch.before * 2 * Double.BYTES)
            .run(batch.grid());
      }
      for (Batch batch : lists.batches) {
        gpu.kernel(batch.source, "lars_v1")
            .struct(batch.struct(args))
            .address(norms + batch.before * 2 * Double.BYTES)
            .tensor(args.getLast())
            .f64(op.momentum())
            .f64(op.eta())
            .i32(op.clip() ? 1 : 0)
            .run(batch.grid());
      }
    };
  }

  private static @Nullable CudaOp adamW(List<TensorSpec> in, Update.AdamW op) {
    Lists lists = Lists.of(in, 4, 2, op.weightDecay());
    if (lists == null) {
      return null;
    }
    return (gpu, args, _) -> {
      for (Batch batch : lists.batches) {
        gpu.kernel(batch.source, "adam_w_v1")
            .struct(batch.struct(args))
            .tensor(args.get(args.size() - 2))
            .tensor(args.getLast())
            .f64(op.beta1())
            .f64(op.beta2())
            .f64(op.eps())
            .run(batch.grid());
      }
    };
  }

  /// The launches for a list of tensors in groups.
  private record Lists(List<Batch> batches) {
    /// `null` where a type is not served: what an update writes cannot be composed, so the
    /// reference does all of it.
    static @Nullable Lists of(List<TensorSpec> in, int groups, int scalars, List<Double> decay) {
      int count = decay.size();
      List<TensorSpec> tail = in.subList(in.size() - scalars, in.size());
      DType scalar = tail.getFirst().dtype();
      if (!in.stream().allMatch(spec -> UPDATE.serves(spec.dtype()))
          || !tail.stream().allMatch(spec -> spec.dtype() == scalar)) {
        return null;
      }
      List<Batch> batches = new ArrayList<>();
      long before = 0;
      for (DType type : UPDATE.types()) {
        CudaSource source = UPDATE.with(type).define("U", scalar);
        List<Item> items = new ArrayList<>();
        for (int i = 0; i < count; i++) {
          if (in.get(i).dtype() == type && in.get(i).elems() > 0) {
            items.add(new Item(i, in.get(i).elems(), decay.get(i)));
          }
        }
        int most = Batch.most(groups);
        for (int from = 0; from < items.size(); from += most) {
          List<Item> some = items.subList(from, Math.min(items.size(), from + most));
          Batch batch = new Batch(source, groups, count, List.copyOf(some), before);
          batches.add(batch);
          before += batch.parts();
        }
      }
      return new Lists(batches);
    }

    long parts() {
      return batches.stream().mapToLong(Batch::parts).sum();
    }
  }

  /// A tensor of the list.
  private record Item(int index, long elements, double decay) {
    long parts() {
      return Math.ceilDiv(elements, PART);
    }
  }

  /// The tensors of one launch.
  ///
  /// @param before parts of the launches before it
  private record Batch(CudaSource source, int groups, int count, List<Item> items, long before) {
    /// `MOST` of the struct `Tensors` in `update.cu`.
    static int most(int groups) {
      return 500 / (groups + 3);
    }

    long parts() {
      return items.stream().mapToLong(Item::parts).sum();
    }

    Grid grid() {
      return Grid.of(parts(), UPDATE.threads());
    }

    /// The struct `Tensors`.
    long[] struct(List<Tensor> in) {
      int most = most(groups);
      long[] fields = new long[2 + most * (groups + 3)];
      fields[0] = items.size();
      int elements = 2 + groups * most;
      long first = 0;
      for (int t = 0; t < items.size(); t++) {
        Item item = items.get(t);
        for (int g = 0; g < groups; g++) {
          fields[2 + g * most + t] = CudaBuffer.address(in.get(g * count + item.index));
        }
        fields[elements + t] = item.elements;
        fields[elements + most + t] = first;
        fields[elements + 2 * most + t] = Double.doubleToRawLongBits(item.decay);
        first += item.parts();
      }
      fields[1] = first;
      return fields;
    }
  }
}
