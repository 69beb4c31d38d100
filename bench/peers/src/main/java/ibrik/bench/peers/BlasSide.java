package ibrik.bench.peers;

import static org.bytedeco.openblas.global.openblas.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas.cblas_sgemm;

import org.bytedeco.javacpp.FloatPointer;

/// OpenBLAS: a product of square matrices.
final class BlasSide implements Side {
  private final int n;
  private final FloatPointer a;
  private final FloatPointer b;
  private final FloatPointer c;

  BlasSide(int n, float[] a, float[] b) {
    this.n = n;
    this.a = new FloatPointer(a);
    this.b = new FloatPointer(b);
    this.c = new FloatPointer((long) n * n);
  }

  @Override
  public void run() {
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n, n, n, 1, a, n, b, n, 0, c, n);
  }

  @Override
  public float[] result() {
    run();
    float[] numbers = new float[n * n];
    c.get(numbers);
    return numbers;
  }

  @Override
  public void close() {
    a.close();
    b.close();
    c.close();
  }
}
