// Runs kernels that g++ compiled against emu.h: one block after the other, the threads of a block as
// fibers, memory between guard pages. Linux, x86-64.
//
// A kernel that touches memory it does not own, waits for a barrier that cannot come, or names lanes
// wrongly does not end the process: the launch returns 1 and a sentence.
#include "emu.h"

#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include <map>
#include <vector>

uint3 threadIdx, blockIdx;
dim3 blockDim, gridDim;

namespace {

enum State : uint8_t { READY, AT_BLOCK, AT_WARP, DONE };
struct Fiber {
  void *sp;
  char *stack;
  State state;
};
struct Warp {
  unsigned arrived;
  uint64_t slot[32];
};

constexpr size_t STACK = 96 * 1024, PAGE = 4096;
constexpr size_t GUARD = 16 << 20;  // on both sides of a block: nothing else lies within reach
constexpr unsigned MOST_THREADS = 1024;

Fiber fibers[MOST_THREADS];
Warp warps[MOST_THREADS / 32];
unsigned ready[MOST_THREADS], readyCount;
unsigned threads, current, done, atBlock;
int votes, votesOut;
void *scheduler;
void (*body)(void **);
void **arguments;
char *dynamicShared;
size_t dynamicBytes, dynamicCapacity;
std::vector<void *> poisoned;  // shared variables this block has met
uint64_t chance;
bool failed, running;
char failure[512];

unsigned draw(unsigned below) {  // xorshift64*
  chance ^= chance >> 12;
  chance ^= chance << 25;
  chance ^= chance >> 27;
  return (unsigned)((chance * 0x2545F4914F6CDD1Dull >> 32) % below);
}

// Saves the callee-saved registers of the System V ABI on the stack and goes on with another one.
extern "C" void emu_switch(void **save, void *to);
asm(R"(.text
.globl emu_switch
.type emu_switch,@function
emu_switch:
  pushq %rbp; pushq %rbx; pushq %r12; pushq %r13; pushq %r14; pushq %r15
  movq %rsp,(%rdi); movq %rsi,%rsp
  popq %r15; popq %r14; popq %r13; popq %r12; popq %rbx; popq %rbp
  ret
)");

void toScheduler() { emu_switch(&fibers[current].sp, scheduler); }

void fail(const char *format, ...) {
  if (!failed) {
    failed = true;
    int n = snprintf(failure, sizeof failure, "block (%u,%u,%u), thread (%u,%u,%u): ", blockIdx.x,
                     blockIdx.y, blockIdx.z, threadIdx.x, threadIdx.y, threadIdx.z);
    va_list rest;
    va_start(rest, format);
    vsnprintf(failure + n, sizeof failure - n, format, rest);
    va_end(rest);
  }
  toScheduler();  // which gives the whole launch up
}

void wake(unsigned fiber) {
  fibers[fiber].state = READY;
  ready[readyCount++] = fiber;
}

void releaseBlock() {
  if (atBlock == 0 || atBlock + done != threads) return;
  for (unsigned i = 0; i < threads; i++)
    if (fibers[i].state == AT_BLOCK) wake(i);
  votesOut = votes;
  votes = 0;
  atBlock = 0;
}

unsigned living(unsigned warp) {
  unsigned live = 0;
  for (unsigned lane = 0; lane < 32 && warp * 32 + lane < threads; lane++)
    if (fibers[warp * 32 + lane].state != DONE) live |= 1u << lane;
  return live;
}

void entry() {
  body(arguments);
  fibers[current].state = DONE;
  done++;
  releaseBlock();
  toScheduler();
  abort();
}

void runBlock(uint3 block) {
  blockIdx = block;
  done = atBlock = readyCount = 0;
  votes = 0;
  poisoned.clear();
  if (dynamicBytes) memset(dynamicShared, 0xFF, dynamicBytes);
  for (unsigned w = 0; w < (threads + 31) / 32; w++) {
    warps[w].arrived = 0;
    memset(warps[w].slot, 0xFF, sizeof warps[w].slot);
  }
  for (unsigned i = 0; i < threads; i++) {
    Fiber &f = fibers[i];
    if (!f.stack) {
      f.stack = (char *)mmap(nullptr, STACK, PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
      mprotect(f.stack, PAGE, PROT_NONE);
    }
    void **sp = (void **)(f.stack + STACK);
    *--sp = nullptr;
    *--sp = (void *)entry;
    sp -= 6;
    memset(sp, 0, 48);
    f.sp = sp;
    wake(i);
  }
  while (readyCount > 0 && !failed) {
    unsigned at = draw(readyCount);
    current = ready[at];
    ready[at] = ready[--readyCount];
    threadIdx = {current % blockDim.x, current / blockDim.x % blockDim.y,
                 current / (blockDim.x * blockDim.y)};
    emu_switch(&scheduler, fibers[current].sp);
  }
  if (!failed && done != threads) {
    failed = true;
    unsigned block = 0, warp = 0;
    for (unsigned i = 0; i < threads; i++) {
      block += fibers[i].state == AT_BLOCK;
      warp += fibers[i].state == AT_WARP;
    }
    snprintf(failure, sizeof failure,
             "block (%u,%u,%u): deadlock: of %u threads %u have ended, %u wait in __syncthreads, %u "
             "in a warp's barrier, shuffle or vote",
             blockIdx.x, blockIdx.y, blockIdx.z, threads, done, block, warp);
  }
}

// ---- memory

struct Allocation {
  char *map;
  size_t mapBytes, bytes;
};
std::map<uintptr_t, Allocation> allocations;
constexpr unsigned char CANARY = 0xA5;

void describe(uintptr_t at, char *text, size_t room) {
  auto next = allocations.upper_bound(at);
  if (next != allocations.begin()) {
    auto before = std::prev(next);
    if (at < (uintptr_t)before->second.map + before->second.mapBytes) {
      snprintf(text, room, "byte %td of a block of %zu bytes", (ptrdiff_t)(at - before->first),
               before->second.bytes);
      return;
    }
  }
  if (next != allocations.end() && at >= (uintptr_t)next->second.map) {
    snprintf(text, room, "%td bytes before a block of %zu bytes", (ptrdiff_t)(next->first - at),
             next->second.bytes);
    return;
  }
  snprintf(text, room, "address 0x%zx, in no block that is in use", (size_t)at);
}

// ---- faults inside kernels

struct sigaction before[2];
uintptr_t faultAt;
bool faultWrites;

void landing() {
  char place[160];
  describe(faultAt, place, sizeof place);
  fail("%s %s", faultWrites ? "writes" : "reads", place);
  abort();
}

pthread_t kernelThread;

void onFault(int signal, siginfo_t *info, void *context) {
  if (running && pthread_equal(pthread_self(), kernelThread)) {
    ucontext_t *where = (ucontext_t *)context;
    faultAt = (uintptr_t)info->si_addr;
    faultWrites = where->uc_mcontext.gregs[REG_ERR] & 2;
    // Go on in landing(), on the fiber's stack below its red zone, aligned as after a call.
    uintptr_t sp = (uintptr_t)where->uc_mcontext.gregs[REG_RSP] - 256;
    where->uc_mcontext.gregs[REG_RSP] = (greg_t)((sp & ~(uintptr_t)15) - 8);
    where->uc_mcontext.gregs[REG_RIP] = (greg_t)(uintptr_t)landing;
    return;
  }
  struct sigaction &old = before[signal == SIGBUS];
  if (old.sa_flags & SA_SIGINFO) {
    old.sa_sigaction(signal, info, context);
  } else if (old.sa_handler != SIG_DFL && old.sa_handler != SIG_IGN) {
    old.sa_handler(signal);
  } else {
    sigaction(signal, &old, nullptr);
  }
}

}  // namespace

extern "C" {

void emu_sync_block(void) {
  fibers[current].state = AT_BLOCK;
  atBlock++;
  releaseBlock();
  toScheduler();
}

int emu_count_block(int predicate) {
  votes += predicate != 0;
  emu_sync_block();
  return votesOut;
}

unsigned emu_lane(void) { return current & 31; }

unsigned emu_active(void) { return living(current >> 5); }

void emu_sync_warp(unsigned mask) {
  unsigned w = current >> 5, lane = current & 31;
  Warp &warp = warps[w];
  if (!(mask >> lane & 1)) {
    fail("calls a warp function with mask %08x, in which its own lane %u is not", mask, lane);
  }
  warp.arrived |= 1u << lane;
  fibers[current].state = AT_WARP;
  unsigned awaited = mask & living(w);
  if ((warp.arrived & awaited) == awaited) {
    warp.arrived &= ~awaited;
    for (unsigned l = 0; l < 32; l++)
      if ((awaited >> l & 1) && fibers[w * 32 + l].state == AT_WARP) wake(w * 32 + l);
  }
  toScheduler();
}

// Every lane lays its value down, then reads that of lane `source`. What a lane holds that is not in
// the mask or has ended is undefined: all bits one.
uint64_t emu_exchange(unsigned mask, uint64_t value, unsigned source) {
  unsigned w = current >> 5;
  warps[w].slot[current & 31] = value;
  emu_sync_warp(mask);
  uint64_t got = (mask & living(w)) >> (source & 31) & 1 ? warps[w].slot[source & 31] : ~0ull;
  emu_sync_warp(mask);
  return got;
}

unsigned emu_ballot(unsigned mask, int predicate) {
  unsigned w = current >> 5;
  warps[w].slot[current & 31] = predicate != 0;
  emu_sync_warp(mask);
  unsigned set = 0, live = mask & living(w);
  for (unsigned l = 0; l < 32; l++)
    if (live >> l & 1) set |= (unsigned)warps[w].slot[l] << l;
  emu_sync_warp(mask);
  return set;
}

// A kernel may declare it and not use it: what faults is the access.
void *emu_dynamic_shared(void) {
  static void *none = mmap(nullptr, GUARD, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return dynamicBytes == 0 ? none : dynamicShared;
}

// Called where a __shared__ variable is declared: the first thread of the block to come by fills it
// with NaN.
void emu_shared(void *at, size_t bytes) {
  for (void *known : poisoned)
    if (known == at) return;
  poisoned.push_back(at);
  memset(at, 0xFF, bytes);
}

void emu_trap(void) { fail("__trap()"); }

// A block of memory whose last byte (up to 16) stands before a page that cannot be touched.
__attribute__((visibility("default"))) void *emu_allocate(size_t bytes) {
  size_t rounded = (bytes + 15) / 16 * 16, inside = (rounded + PAGE) / PAGE * PAGE;
  size_t all = inside + 2 * GUARD;
  char *map = (char *)mmap(nullptr, all, PROT_NONE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (map == MAP_FAILED) return nullptr;
  if (mprotect(map + GUARD, inside, PROT_READ | PROT_WRITE) != 0) {
    munmap(map, all);
    return nullptr;
  }
  char *at = map + GUARD + inside - rounded;
  memset(map + GUARD, CANARY, inside);
  memset(at, 0xFF, bytes);  // NaN: a read before a write is seen
  allocations[(uintptr_t)at] = {map, all, bytes};
  return at;
}

// 0: freed; 1: unknown; 2: bytes beside the block were written.
__attribute__((visibility("default"))) int emu_free(void *at) {
  auto found = allocations.find((uintptr_t)at);
  if (found == allocations.end()) return 1;
  Allocation a = found->second;
  allocations.erase(found);
  int whole = 0;
  for (char *p = a.map + GUARD; p < (char *)at; p++) whole |= (unsigned char)*p != CANARY;
  for (char *p = (char *)at + a.bytes; p < a.map + a.mapBytes - GUARD; p++)
    whole |= (unsigned char)*p != CANARY;
  munmap(a.map, a.mapBytes);
  return whole ? 2 : 0;
}

// Runs a kernel to its end. 0, or 1 and a sentence in `error`.
__attribute__((visibility("default"))) int emu_launch(void (*kernel)(void **), unsigned gx, unsigned gy,
                                                      unsigned gz, unsigned bx, unsigned by,
                                                      unsigned bz, size_t shared, void **parameters,
                                                      uint64_t seed, char *error, size_t room) {
  failed = false;
  gridDim = {gx, gy, gz};
  blockDim = {bx, by, bz};
  size_t all = (size_t)bx * by * bz;
  if (all == 0 || all > MOST_THREADS || bz > 64 || (size_t)gx * gy * gz == 0 || gy > 65535 || gz > 65535) {
    snprintf(error, room, "a launch of grid (%u,%u,%u), block (%u,%u,%u) is not possible", gx, gy, gz,
             bx, by, bz);
    return 1;
  }
  threads = (unsigned)all;
  if (shared > dynamicCapacity) {
    free(dynamicShared);
    dynamicCapacity = (shared + 255) / 256 * 256;
    dynamicShared = (char *)aligned_alloc(256, dynamicCapacity);
  }
  dynamicBytes = shared;
  body = kernel;
  arguments = parameters;
  chance = seed | 1;
  struct sigaction ours;
  memset(&ours, 0, sizeof ours);
  ours.sa_sigaction = onFault;
  ours.sa_flags = SA_SIGINFO | SA_NODEFER;
  sigemptyset(&ours.sa_mask);
  kernelThread = pthread_self();
  sigaction(SIGSEGV, &ours, &before[0]);
  sigaction(SIGBUS, &ours, &before[1]);
  running = true;
  // Blocks in a random order: a stride coprime to their number, from a random start.
  uint64_t blocks = (uint64_t)gx * gy * gz, stride = blocks > 2 ? 1 + draw((unsigned)blocks - 1) : 1;
  for (uint64_t a = stride, b = blocks; blocks > 2;) {
    while (b) { uint64_t r = a % b; a = b; b = r; }
    if (a == 1) break;
    a = ++stride;
    b = blocks;
  }
  uint64_t next = draw((unsigned)blocks);
  for (uint64_t i = 0; i < blocks && !failed; i++, next = (next + stride) % blocks)
    runBlock({(unsigned)(next % gx), (unsigned)(next / gx % gy), (unsigned)(next / gx / gy)});
  running = false;
  sigaction(SIGSEGV, &before[0], nullptr);
  sigaction(SIGBUS, &before[1], nullptr);
  if (failed) snprintf(error, room, "%s", failure);
  return failed;
}

}  // extern "C"
