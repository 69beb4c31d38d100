package ibrik.kernels.cuda;

import static ibrik.kernels.cuda.EmulatedBackend.DEVICE;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.kernels.cuda.driver.CudaException;
import ibrik.kernels.cuda.driver.Grid;
import ibrik.spec.LiveBytes;
import ibrik.tensor.DType;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.TensorSpec;
import java.util.Arrays;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// What the emulation computes, and the faults of kernels that it sees.
@ExtendWith(LiveBytes.class)
class EmulationTest {
  @BeforeEach
  void emulates() {
    Emulation.assumeEmulated();
  }

  /// Runs `body` over `threads` threads; it reads `int *x`, writes `int *y`, both of `n`.
  private static int[] run(String body, int n, int blocks, int threads) {
    return run(body, n, Grid.of(blocks, threads));
  }

  private static int[] run(String body, int n, Grid grid) {
    CudaKernel kernel =
        CudaKernel.compile(
            """
            extern "C" __global__ void test(const int *x, int *y, int n) {
              const int i = blockIdx.x * blockDim.x + threadIdx.x;
              const unsigned all = 0xffffffffu;
              (void)i; (void)all; (void)x;
              %s
            }
            """
                .formatted(body),
            "test");
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = Tensor.of(IntStream.range(0, n).toArray(), n).to(DEVICE);
      Tensor y = Tensor.allocate(new TensorSpec(DType.I32, Shape.of(n)), DEVICE, "test");
      kernel.on(x).tensor(x).tensor(y).i32(n).run(grid);
      return y.toInts();
    }
  }

  private static String fault(String body, int n, Grid grid) {
    return assertThrows(CudaException.class, () -> run(body, n, grid)).getMessage();
  }

  private static int[] lanes(IntUnaryOperator want) {
    return IntStream.range(0, 32).map(want).toArray();
  }

  // ---- what it computes ----

  @Test
  void shuffles() {
    assertArrayEquals(lanes(i -> 5), run("y[i] = __shfl_sync(all, x[i], 5);", 32, 1, 32));
    assertArrayEquals(
        lanes(i -> i / 8 * 8 + 3), run("y[i] = __shfl_sync(all, x[i], 3, 8);", 32, 1, 32));
    assertArrayEquals(
        lanes(i -> i < 30 ? i + 2 : i), run("y[i] = __shfl_down_sync(all, x[i], 2);", 32, 1, 32));
    assertArrayEquals(
        lanes(i -> i % 16 >= 3 ? i - 3 : i),
        run("y[i] = __shfl_up_sync(all, x[i], 3, 16);", 32, 1, 32));
    assertArrayEquals(lanes(i -> i ^ 7), run("y[i] = __shfl_xor_sync(all, x[i], 7);", 32, 1, 32));
  }

  @Test
  void votes() {
    assertArrayEquals(
        lanes(i -> 0x55555555), run("y[i] = __ballot_sync(all, i % 2 == 0);", 32, 1, 32));
    assertArrayEquals(lanes(i -> 1), run("y[i] = __any_sync(all, i == 9);", 32, 1, 32));
    assertArrayEquals(lanes(i -> 0), run("y[i] = __all_sync(all, i != 9);", 32, 1, 32));
    assertArrayEquals(
        lanes(i -> i % 2 == 0 ? 0x55555555 : 0xAAAAAAAA),
        run("y[i] = __match_any_sync(all, i % 2);", 32, 1, 32));
    assertArrayEquals(lanes(i -> 496), run("y[i] = __reduce_add_sync(all, x[i]);", 32, 1, 32));
  }

  @Test
  void partsOfAWarpMeetByThemselves() {
    assertArrayEquals(
        lanes(i -> i < 16 ? 15 : 31),
        run(
            """
            if (i < 16) y[i] = __shfl_sync(0x0000ffffu, x[i], 15);
            else y[i] = __shfl_sync(0xffff0000u, x[i], 31);
            """,
            32,
            1,
            32));
  }

  @Test
  void barriersOfBlocksCount() {
    assertArrayEquals(
        IntStream.range(0, 96).map(i -> 24).toArray(),
        run("y[i] = __syncthreads_count(i % 4 == 0);", 96, 1, 96));
  }

  @Test
  void atomics() {
    int[] got =
        run(
            """
            if (i == 0) for (int k = 0; k < n; k++) y[k] = k == 2 ? 1000 : 0;
            __syncthreads();
            atomicAdd(&y[0], 2);
            atomicMax(&y[1], i);
            atomicMin(&y[2], i + 5);
            atomicOr(&y[3], 1 << (i % 8));
            int old = y[4];
            for (int seen; (seen = atomicCAS(&y[4], old, old + 3)) != old; old = seen) {}
            """,
            64, 1, 64);
    assertArrayEquals(new int[] {128, 63, 5, 255, 192}, Arrays.copyOf(got, 5));
  }

  @Test
  void sharedMemoryOfBothKinds() {
    String body =
        """
        __shared__ int fixed[64];
        extern __shared__ int dynamic[];
        fixed[threadIdx.x] = x[i];
        dynamic[threadIdx.x] = 2 * x[i];
        __syncthreads();
        y[i] = fixed[63 - threadIdx.x] + dynamic[63 - threadIdx.x];
        """;
    assertArrayEquals(
        IntStream.range(0, 128).map(i -> 3 * (i / 64 * 64 + 63 - i % 64)).toArray(),
        run(body, 128, Grid.of(2, 64).shared(256)));
  }

  @Test
  void dynamicSharedMemoryMayBeDeclaredWithoutBeingThereButNotUsed() {
    String body =
        """
        extern __shared__ int dynamic[];
        int *place = x[i] < 100 ? &y[i] : &dynamic[i];
        *place = x[i];
        """;
    assertArrayEquals(IntStream.range(0, 64).toArray(), run(body, 64, Grid.of(1, 64)));
    String message = fault(body, 128, Grid.of(2, 64));
    assertTrue(message.contains("writes address"), message);
  }

  // ---- the faults it sees ----

  @Test
  void aReadPastTheEnd() {
    String message = fault("y[0] = x[i + 64];", 64, Grid.of(1, 64));
    assertTrue(message.contains("of a block of 256 bytes"), message);
    assertTrue(message.contains("reads byte "), message);
    assertTrue(message.contains("test, grid (1,1,1), block (64,1,1)"), message);
  }

  @Test
  void aWritePastTheEnd() {
    String message = fault("y[n + 2 * i] = 1;", 64, Grid.of(1, 64));
    assertTrue(message.contains("writes byte "), message);
  }

  @Test
  void aWriteBeforeTheStart() {
    // The page below is reached only from far; a near one is seen when the block is freed.
    String message = fault("if (i == 0) y[-1] = 1;", 64, Grid.of(1, 64));
    assertTrue(message.contains("bytes beside a block of 256 were written"), message);
  }

  @Test
  void aTailThatIsNotTested() {
    assertTrue(fault("y[i] = x[i];", 60, Grid.of(1, 64)).contains("of a block of 240 bytes"));
  }

  @Test
  void aBarrierThatSomeThreadsMiss() {
    // Half of the block waits for all, a lane of the other half for its warp.
    String message = fault("if (i == 40) __syncwarp(); else __syncthreads();", 64, Grid.of(1, 64));
    assertTrue(message.contains("deadlock: of 64 threads 0 have ended, 63 wait in"), message);
  }

  @Test
  void aLaneOutsideOfItsMask() {
    String message = fault("y[i] = __shfl_sync(0x0000ffffu, x[i], 0);", 32, Grid.of(1, 32));
    assertTrue(message.contains("with mask 0000ffff, in which its own lane"), message);
  }

  @Test
  void sharedMemoryThatNobodyWrote() {
    int[] got = run("__shared__ int s[32]; __syncthreads(); y[i] = s[threadIdx.x];", 32, 1, 32);
    assertArrayEquals(lanes(i -> -1), got);
  }

  @Test
  void aBarrierThatIsMissing() {
    String body =
        """
        __shared__ int s[256];
        s[threadIdx.x] = x[i];
        %s
        y[i] = s[255 - threadIdx.x];
        """;
    int[] want = IntStream.range(0, 256).map(i -> 255 - i).toArray();
    assertArrayEquals(want, run(body.formatted("__syncthreads();"), 256, 1, 256));
    int wrong = 0;
    int[] got = run(body.formatted(""), 256, 1, 256);
    for (int i = 0; i < 256; i++) {
      wrong += got[i] == want[i] ? 0 : 1;
    }
    assertTrue(wrong > 50, "only " + wrong + " of 256 are wrong");
  }

  @Test
  void tooManyThreads() {
    assertTrue(fault("y[0] = 1;", 1, Grid.of(1, 1025)).contains("is not possible"));
  }

  @Test
  void aTrap() {
    assertTrue(fault("if (i == 3) __trap();", 32, Grid.of(1, 32)).contains("__trap()"));
  }

  @Test
  void theProcessIsUsableAfterwards() {
    fault("y[1 << 20] = 1;", 32, Grid.of(1, 32));
    assertEquals(31, run("y[i] = x[i];", 32, 1, 32)[31]);
  }
}
