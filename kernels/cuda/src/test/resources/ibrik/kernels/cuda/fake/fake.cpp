// Stands in for CUDA's shared libraries, so that the binding can be tested without a GPU: one file, four
// libraries (-DDRIVER, -DNVRTC, -DBLAS, -DDNN). Device memory is host memory; a module is the path of a
// library of emulated kernels; products and convolutions are plain loops over f32 and f64.
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <functional>
#include <string>
#include <vector>

#define API extern "C" __attribute__((visibility("default")))

// Work that a stream in capture takes down. It lives in the driver; the libraries find it there.
API bool fake_enqueue(std::function<void()> work);

#ifdef DRIVER
namespace {
struct Stream {
  bool capturing = false;
  std::vector<std::function<void()>> *taken = nullptr;
};
using Graph = std::vector<std::function<void()>>;
Stream *capturing = nullptr;
thread_local void *current = nullptr;
struct Function {
  void (*body)(void **);
  int (*launch)(void (*)(void **), unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, size_t,
                void **, unsigned long long, char *, size_t);
};
constexpr int NO_CONTEXT = 201, NOT_FOUND = 500, LAUNCH_FAILED = 719, INVALID = 1;
}  // namespace

API bool fake_enqueue(std::function<void()> work) {
  if (capturing) capturing->taken->push_back(work);
  else work();
  return true;
}

API int cuInit(unsigned) { return 0; }
API int cuDriverGetVersion(int *v) { return *v = 12060, 0; }
API int cuDeviceGetCount(int *n) { return *n = 1, 0; }
API int cuDeviceGet(int *d, int i) { return *d = i, 0; }
API int cuDeviceGetName(char *name, int room, int) { return snprintf(name, room, "fake"), 0; }
API int cuDeviceTotalMem_v2(size_t *bytes, int) { return *bytes = 1ull << 30, 0; }
API int cuDeviceGetAttribute(int *v, int which, int) {
  *v = which == 75 ? 9 : which == 76 ? 0 : which == 16 ? 3 : which == 97 ? 232448 : 1 << 20;
  return 0;
}
API int cuDevicePrimaryCtxRetain(void **c, int) { return *c = (void *)0x77, 0; }
API int cuCtxSetCurrent(void *c) { return current = c, c == (void *)0x77 ? 0 : INVALID; }
API int cuCtxSynchronize() { return current ? 0 : NO_CONTEXT; }
API int cuGetErrorName(int status, const char **s) {
  return *s = status == 2 ? "CUDA_ERROR_OUT_OF_MEMORY" : status == NOT_FOUND ? "CUDA_ERROR_NOT_FOUND" : "CUDA_ERROR", 0;
}
API int cuGetErrorString(int, const char **s) { return *s = "by the fake", 0; }
API int cuMemAlloc_v2(unsigned long long *p, size_t bytes) {
  if (!current) return NO_CONTEXT;
  if (bytes > 1ull << 30) return 2;
  return *p = (unsigned long long)aligned_alloc(256, (bytes + 255) / 256 * 256), 0;
}
API int cuMemFree_v2(unsigned long long p) { return free((void *)p), 0; }
API int cuMemHostAlloc(void **p, size_t bytes, unsigned) { return *p = malloc(bytes), 0; }
API int cuMemFreeHost(void *p) { return free(p), 0; }
static int copy(void *to, const void *from, size_t bytes) {
  fake_enqueue([=] { memcpy(to, from, bytes); });
  return 0;
}
API int cuMemcpyHtoDAsync_v2(unsigned long long to, const void *from, size_t bytes, Stream *s) {
  return s ? copy((void *)to, from, bytes) : INVALID;
}
API int cuMemcpyDtoHAsync_v2(void *to, unsigned long long from, size_t bytes, Stream *s) {
  return s ? copy(to, (void *)from, bytes) : INVALID;
}
API int cuMemcpyDtoDAsync_v2(unsigned long long to, unsigned long long from, size_t bytes, Stream *s) {
  return s ? copy((void *)to, (void *)from, bytes) : INVALID;
}
API int cuMemsetD8Async(unsigned long long at, unsigned char value, size_t bytes, Stream *) {
  fake_enqueue([=] { memset((void *)at, value, bytes); });
  return 0;
}
API int cuStreamCreate(Stream **s, unsigned flags) { return *s = new Stream, flags == 1 ? 0 : INVALID; }
API int cuStreamDestroy_v2(Stream *s) { return delete s, 0; }
API int cuStreamSynchronize(Stream *) { return capturing ? 900 : 0; }
API int cuStreamWaitEvent(Stream *, void *e, unsigned) { return e ? 0 : INVALID; }
API int cuEventCreate(void **e, unsigned flags) { return *e = malloc(8), flags == 2 || flags == 0 ? 0 : INVALID; }
API int cuEventDestroy_v2(void *e) { return free(e), 0; }
API int cuEventRecord(void *e, Stream *s) { return e && s ? 0 : INVALID; }
API int cuEventSynchronize(void *) { return capturing ? 900 : 0; }
API int cuEventElapsedTime(float *ms, void *, void *) { return *ms = 1.5f, 0; }
API int cuModuleLoadData(void **module, const void *image) {
  *module = dlopen((const char *)image, RTLD_NOW | RTLD_LOCAL);
  return *module ? 0 : NOT_FOUND;
}
API int cuModuleUnload(void *) { return 0; }
API int cuModuleGetFunction(Function **f, void *module, const char *name) {
  void *body = dlsym(module, (std::string("emu_kernel_") + name).c_str());
  void *launch = dlsym(module, "emu_launch");
  if (!body || !launch) return NOT_FOUND;
  *f = new Function{(void (*)(void **))body, (decltype(Function::launch))launch};
  return 0;
}
API int cuFuncSetAttribute(Function *, int which, int) { return which == 8 ? 0 : INVALID; }
// The arguments are copied while this is called, as the driver does; it knows their sizes, the fake
// copies as many bytes as the backend's block may hold.
API int cuLaunchKernel(Function *f, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by,
                       unsigned bz, unsigned shared, Stream *s, void **table, void **extra) {
  if (!s || extra || !current) return INVALID;
  const size_t bytes = 64 * 8 + 4096;
  std::vector<char> block((char *)table, (char *)table + bytes);
  auto work = [=]() mutable {
    void **own = (void **)block.data();
    for (int i = 0; i < 64; i++) {
      long at = (char *)own[i] - (char *)table;
      if (at >= 0 && at < (long)bytes) own[i] = block.data() + at;
    }
    char error[512] = "";
    if (f->launch(f->body, gx, gy, gz, bx, by, bz, shared, own, 7, error, sizeof error)) {
      fprintf(stderr, "%s\n", error);
      abort();
    }
  };
  fake_enqueue([work]() mutable { auto once = work; once(); });
  return 0;
}
API int cuStreamBeginCapture_v2(Stream *s, int mode) {
  if (mode != 1 || capturing) return INVALID;  // thread-local
  capturing = s;
  s->taken = new Graph;
  return 0;
}
API int cuStreamEndCapture(Stream *s, Graph **g) {
  if (capturing != s) return INVALID;
  *g = s->taken;
  capturing = nullptr;
  return 0;
}
API int cuGraphInstantiateWithFlags(Graph **exec, Graph *g, unsigned long long) {
  return *exec = new Graph(*g), 0;
}
API int cuGraphDestroy(Graph *g) { return delete g, 0; }
API int cuGraphLaunch(Graph *g, Stream *) {
  for (auto &work : *g) work();
  return 0;
}
API int cuGraphExecDestroy(Graph *g) { return delete g, 0; }
#endif

#ifdef NVRTC
namespace {
struct Program {
  std::string source, name, log, image;
};
}  // namespace
API int nvrtcVersion(int *major, int *minor) { return *major = 12, *minor = 6, 0; }
API const char *nvrtcGetErrorString(int) { return "NVRTC_ERROR_COMPILATION"; }
API int nvrtcCreateProgram(Program **p, const char *source, const char *name, int headers,
                           const char **, const char **) {
  return *p = new Program{source, name, "", ""}, headers;
}
API int nvrtcDestroyProgram(Program **p) { return delete *p, *p = nullptr, 0; }
API int nvrtcCompileProgram(Program *p, int n, const char **options) {
  if (p->source.find("wrong") != std::string::npos)
    return p->log = p->name + "(1): error: wrong", 6;
  p->image = p->source;
  for (int i = 0; i < n; i++) p->image += std::string("|") + options[i];
  return 0;
}
API int nvrtcGetCUBINSize(Program *p, size_t *n) { return *n = p->image.size(), 0; }
API int nvrtcGetCUBIN(Program *p, char *to) { return memcpy(to, p->image.data(), p->image.size()), 0; }
API int nvrtcGetProgramLogSize(Program *p, size_t *n) { return *n = p->log.size() + 1, 0; }
API int nvrtcGetProgramLog(Program *p, char *to) { return strcpy(to, p->log.c_str()), 0; }
#endif

#ifdef BLAS
API int cublasCreate_v2(void **h) { return *h = malloc(8), 0; }
API int cublasSetStream_v2(void *, void *s) { return s ? 0 : 1; }
API int cublasSetWorkspace_v2(void *, void *at, size_t bytes) { return at && bytes == 32 << 20 ? 0 : 1; }
API const char *cublasGetStatusString(int) { return "by the fake"; }
namespace {
// To the 10 bits of mantissa of TF32; ties go away from zero.
float rounded(float x) {
  unsigned u;
  memcpy(&u, &x, 4);
  u = (u + 0x1000) & ~0x1fffu;
  memcpy(&x, &u, 4);
  return x;
}
double rounded(double x) { return x; }

// As the manual has it: column-major c = alpha op(a) op(b) + beta c.
template <class T>
void product(int ta, int tb, int m, int n, int k, const void *alpha, const T *a, int lda, long long sa,
             const T *b, int ldb, long long sb, const void *beta, T *c, int ldc, long long sc, int batch,
             bool tf32 = false) {
  T al = *(const T *)alpha, be = *(const T *)beta;
  for (int q = 0; q < batch; q++)
    for (int j = 0; j < n; j++)
      for (int i = 0; i < m; i++) {
        double sum = 0;
        for (int l = 0; l < k; l++) {
          T left = a[q * sa + (ta ? (long long)i * lda + l : (long long)l * lda + i)];
          T right = b[q * sb + (tb ? (long long)l * ldb + j : (long long)j * ldb + l)];
          sum += tf32 ? (double)rounded(left) * rounded(right) : (double)left * right;
        }
        T &to = c[q * sc + (long long)j * ldc + i];
        to = (T)(al * sum + (be == 0 ? 0 : be * to));
      }
}
}  // namespace
API int cublasGemmStridedBatchedEx(void *h, int ta, int tb, int m, int n, int k, const void *alpha,
                                   const void *a, int type_a, int lda, long long sa, const void *b,
                                   int type_b, int ldb, long long sb, const void *beta, void *c,
                                   int type_c, int ldc, long long sc, int batch, int compute,
                                   int algorithm) {
  // The manual's own conditions; what breaks them is refused with INVALID_VALUE.
  if (!h || type_a != type_b || type_a != type_c || algorithm != -1 || lda < (ta ? k : m) ||
      ldb < (tb ? n : k) || ldc < m || batch < 1)
    return 7;
  bool tf32 = type_a == 0 && compute == 77;
  if (!tf32 && compute != (type_a == 1 ? 70 : 68)) return 15;
  if (type_a == 0)
    fake_enqueue([=] {
      product(ta, tb, m, n, k, alpha, (const float *)a, lda, sa, (const float *)b, ldb, sb, beta,
              (float *)c, ldc, sc, batch, tf32);
    });
  else if (type_a == 1)
    fake_enqueue([=] {
      product(ta, tb, m, n, k, alpha, (const double *)a, lda, sa, (const double *)b, ldb, sb, beta,
              (double *)c, ldc, sc, batch);
    });
  else
    return 15;
  return 0;
}
#endif

#ifdef DNN
namespace {
struct Tensor {
  int type, n, c, h, w;
};
struct How {
  int pad_h, pad_w, u, v, dil_h, dil_w, groups, math, compute;
};
struct Perf {
  int algo, status;
  float time;
  size_t memory;
  int determinism, math, reserved[3];
};
enum { FORWARD, DATA, WEIGHT };
constexpr int BAD = 2000;

template <class T>
void convolve(int role, Tensor x, Tensor w, Tensor y, How g, T *px, T *pw, T *py) {
  int C = w.c, kernels = w.n / g.groups;
  Tensor t = role == FORWARD ? y : role == DATA ? x : w;
  std::vector<double> sums((size_t)t.n * t.c * t.h * t.w);
  for (int n = 0; n < y.n; n++)
    for (int p = 0; p < y.h; p++)
      for (int q = 0; q < y.w; q++)
        for (int k = 0; k < y.c; k++)
          for (int r = 0; r < w.h; r++)
            for (int s = 0; s < w.w; s++)
              for (int c = 0; c < C; c++) {
                int h = p * g.u + r * g.dil_h - g.pad_h, v = q * g.v + s * g.dil_w - g.pad_w;
                if (h < 0 || h >= x.h || v < 0 || v >= x.w) continue;
                size_t at_x = (((size_t)n * x.h + h) * x.w + v) * x.c + k / kernels * C + c;
                size_t at_w = (((size_t)k * w.h + r) * w.w + s) * C + c;
                size_t at_y = (((size_t)n * y.h + p) * y.w + q) * y.c + k;
                if (role == FORWARD) sums[at_y] += (double)px[at_x] * pw[at_w];
                if (role == DATA) sums[at_x] += (double)py[at_y] * pw[at_w];
                if (role == WEIGHT) sums[at_w] += (double)px[at_x] * py[at_y];
              }
  T *to = role == FORWARD ? py : role == DATA ? px : pw;
  for (size_t i = 0; i < sums.size(); i++) to[i] = (T)sums[i];
}

int run(int role, const void *alpha, Tensor *x, const void *px, Tensor *w, const void *pw, How *g,
        int algorithm, void *work, size_t bytes, const void *beta, Tensor *y, const void *py) {
  if ((algorithm != 1 && algorithm != 3 && algorithm != 5) || bytes != 1024u * (algorithm + 1) || !work || x->type != w->type || x->type != y->type) return BAD;
  // The second half of the work memory is written: it must be there.
  memset((char *)work + bytes / 2, 1, bytes / 2);
  if (x->type == 0 ? *(const float *)alpha != 1 || *(const float *)beta != 0
                   : *(const double *)alpha != 1 || *(const double *)beta != 0)
    return BAD;
  Tensor a = *x, b = *w, c = *y;
  How how = *g;
  if (a.type == 0)
    fake_enqueue([=] { convolve(role, a, b, c, how, (float *)px, (float *)pw, (float *)py); });
  else if (a.type == 1)
    fake_enqueue([=] { convolve(role, a, b, c, how, (double *)px, (double *)pw, (double *)py); });
  else
    return BAD;
  return 0;
}

// The first is fast and not deterministic, the second is not supported, the third is for whoever
// takes a suggestion; the fourth asks for too much memory; who measures finds the fifth before the
// third.
int suggest(int room, int *found, Perf *list, bool measured = false) {
  if (room < 5) return BAD;
  memset(list, 0, 5 * sizeof(Perf));
  list[0] = {1, 0, 1, 2048, 0, 0, {}};
  list[1] = {2, 3000, 1, 0, 1, 0, {}};
  list[2] = {7, 0, 2, 2ull << 30, 1, 0, {}};
  list[measured ? 4 : 3] = {3, 0, 3, 4096, 1, 0, {}};
  list[measured ? 3 : 4] = {5, 0, 3, 6144, 1, 0, {}};
  return *found = 5, 0;
}
int workspace(int algorithm, size_t *bytes) {
  if (algorithm != 1 && algorithm != 3 && algorithm != 5) return 3000;
  return *bytes = 1024 * (algorithm + 1), 0;
}
}  // namespace

API size_t cudnnGetVersion() { return 90500; }
API const char *cudnnGetErrorString(int) { return "by the fake"; }
API int cudnnCreate(void **h) { return *h = malloc(8), 0; }
API int cudnnSetStream(void *, void *s) { return s ? 0 : BAD; }
API int cudnnCreateTensorDescriptor(Tensor **d) { return *d = new Tensor{}, 0; }
API int cudnnSetTensor4dDescriptor(Tensor *d, int format, int type, int n, int c, int h, int w) {
  return *d = {type, n, c, h, w}, format == 1 ? 0 : BAD;
}
API int cudnnCreateFilterDescriptor(Tensor **d) { return *d = new Tensor{}, 0; }
API int cudnnSetFilter4dDescriptor(Tensor *d, int type, int format, int k, int c, int h, int w) {
  return *d = {type, k, c, h, w}, format == 1 ? 0 : BAD;
}
API int cudnnCreateConvolutionDescriptor(How **d) { return *d = new How{}, 0; }
API int cudnnSetConvolution2dDescriptor(How *d, int ph, int pw, int u, int v, int dh, int dw, int mode,
                                        int compute) {
  return *d = {ph, pw, u, v, dh, dw, 1, 0, compute}, mode == 1 ? 0 : BAD;
}
API int cudnnSetConvolutionGroupCount(How *d, int groups) { return d->groups = groups, 0; }
API int cudnnSetConvolutionMathType(How *d, int math) { return d->math = math, 0; }
API int cudnnGetConvolutionForwardAlgorithm_v7(void *, Tensor *, Tensor *, How *, Tensor *, int room,
                                               int *found, Perf *list) {
  return suggest(room, found, list);
}
API int cudnnFindConvolutionForwardAlgorithm(void *, Tensor *, Tensor *, How *, Tensor *, int room,
                                               int *found, Perf *list) {
  return suggest(room, found, list, true);
}
API int cudnnGetConvolutionBackwardDataAlgorithm_v7(void *, Tensor *, Tensor *, How *, Tensor *,
                                                    int room, int *found, Perf *list) {
  return suggest(room, found, list);
}
API int cudnnFindConvolutionBackwardDataAlgorithm(void *, Tensor *, Tensor *, How *, Tensor *,
                                                    int room, int *found, Perf *list) {
  return suggest(room, found, list, true);
}
API int cudnnGetConvolutionBackwardFilterAlgorithm_v7(void *, Tensor *, Tensor *, How *, Tensor *,
                                                      int room, int *found, Perf *list) {
  return suggest(room, found, list);
}
API int cudnnFindConvolutionBackwardFilterAlgorithm(void *, Tensor *, Tensor *, How *, Tensor *,
                                                      int room, int *found, Perf *list) {
  return suggest(room, found, list, true);
}
API int cudnnGetConvolutionForwardWorkspaceSize(void *, Tensor *, Tensor *, How *, Tensor *, int algorithm,
    size_t *bytes) {
  return workspace(algorithm, bytes);
}
API int cudnnGetConvolutionBackwardDataWorkspaceSize(void *, Tensor *, Tensor *, How *, Tensor *, int algorithm,
    size_t *bytes) {
  return workspace(algorithm, bytes);
}
API int cudnnGetConvolutionBackwardFilterWorkspaceSize(void *, Tensor *, Tensor *, How *, Tensor *, int algorithm,
    size_t *bytes) {
  return workspace(algorithm, bytes);
}
API int cudnnConvolutionForward(void *, const void *alpha, Tensor *x, const void *px, Tensor *w,
                                const void *pw, How *g, int algorithm, void *work, size_t bytes,
                                const void *beta, Tensor *y, void *py) {
  return run(FORWARD, alpha, x, px, w, pw, g, algorithm, work, bytes, beta, y, py);
}
API int cudnnConvolutionBackwardData(void *, const void *alpha, Tensor *w, const void *pw, Tensor *y,
                                     const void *py, How *g, int algorithm, void *work, size_t bytes,
                                     const void *beta, Tensor *x, void *px) {
  return run(DATA, alpha, x, px, w, pw, g, algorithm, work, bytes, beta, y, py);
}
API int cudnnConvolutionBackwardFilter(void *, const void *alpha, Tensor *x, const void *px, Tensor *y,
                                       const void *py, How *g, int algorithm, void *work, size_t bytes,
                                       const void *beta, Tensor *w, void *pw) {
  return run(WEIGHT, alpha, x, px, w, pw, g, algorithm, work, bytes, beta, y, py);
}
#endif
