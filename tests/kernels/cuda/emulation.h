// As much of CUDA as the kernels use, for a C++ compiler and a CPU. Included before a kernel's source.
//
// fibers.cpp runs a block's threads in turns, threads.cpp all at once. Neither knows of warps: the
// kernels exchange nothing within one.
#pragma once

#define EMULATED
#define DEVICE [[maybe_unused]] static inline
#define KERNEL static
#define __device__
#define __launch_bounds__(most)

struct Size { unsigned x, y; };

struct alignas(8) uint2 { unsigned x, y; };
struct alignas(16) uint4 { unsigned x, y, z, w; };

template <class Word> inline void store_word(Word word, Word* to) { *to = word; }

// Where a thread is: its index in the block, and the block's in the grid.
struct Where { Size thread, block; };

// A grid of which the blocks `from` up to, without, `to` are run. Order: 0 ascending, 1 descending,
// more: shuffled by this seed.
struct Launch { Size grid, block, from, to; int order; };

using Thread = void (*)(void** arguments);

// Runs a kernel and returns what went wrong, or null. `other` is the same kernel with shared
// memory of its own, for a block beside the first.
const char* run_grid(const Launch& launch, Thread kernel, Thread other, void** arguments);
void wait_for_block(int line);
extern Launch running;

#ifdef FIBERS
extern Where here;
#define __shared__ static __attribute__((section("shared_memory")))
#else
extern thread_local Where here;
#define __shared__ static
#endif

#define threadIdx (here.thread)
#define blockIdx (here.block)
#define blockDim (running.block)
#define gridDim (running.grid)
#define __syncthreads() wait_for_block(__LINE__)

DEVICE float fminf(float a, float b) { return __builtin_fminf(a, b); }
DEVICE float fmaxf(float a, float b) { return __builtin_fmaxf(a, b); }
DEVICE float fabsf(float x) { return __builtin_fabsf(x); }
DEVICE int min(int a, int b) { return a < b ? a : b; }
DEVICE int max(int a, int b) { return a > b ? a : b; }

template <class To, class From> inline To same_bits(From from) {
  static_assert(sizeof(To) == sizeof(From), "sizes differ");
  To to;
  __builtin_memcpy(&to, &from, sizeof(to));
  return to;
}

DEVICE int __float_as_int(float x) { return same_bits<int>(x); }
DEVICE float __int_as_float(int x) { return same_bits<float>(x); }
DEVICE float half_to_float(unsigned short bits) { return (float)same_bits<_Float16>(bits); }
DEVICE unsigned short float_to_half(float x) { return same_bits<unsigned short>((_Float16)x); }

DEVICE float rintf(float x) { return __builtin_rintf(x); }
DEVICE float fmaf(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
DEVICE float expf(float x) { return __builtin_expf(x); }

// Rounded once: the compiler must not see what comes before and after as one formula.
template <class T> inline T rounded(T x) {
#ifdef __SSE__
  asm("" : "+x"(x));
#else
  asm("" : "+m"(x));
#endif
  return x;
}

DEVICE float __fadd_rn(float a, float b) { return rounded(a + b); }
DEVICE float __fsub_rn(float a, float b) { return rounded(a - b); }
DEVICE float __fmul_rn(float a, float b) { return rounded(a * b); }
DEVICE float __fdiv_rn(float a, float b) { return rounded(a / b); }
DEVICE double __dadd_rn(double a, double b) { return rounded(a + b); }
DEVICE double __dsub_rn(double a, double b) { return rounded(a - b); }
DEVICE double __dmul_rn(double a, double b) { return rounded(a * b); }

template <class T> inline T atomicAdd(T* at, T value) { return __atomic_fetch_add(at, value, __ATOMIC_RELAXED); }

#ifndef PESSIMISTIC
DEVICE float log2_fast(float x) { return __builtin_log2f(x); }
DEVICE float exp2_fast(float x) { return __builtin_exp2f(x); }
DEVICE float reciprocal_fast(float x) { return 1.0f / x; }
#else
// The approximate functions of a GPU, each as wrong as the PTX ISA lets it be. The error is made of
// the bits of x, so one x always has one result: every other time the largest error up or down,
// else something between.
DEVICE double error_of(float x, unsigned seed) {
  unsigned bits = ((unsigned)__float_as_int(x) ^ seed) * 0x9e3779b1u;
  bits = (bits ^ bits >> 15) * 0x85ebca6bu;
  bits ^= bits >> 13;
  double between = (bits >> 2) * 0x1p-29 - 1.0;
  return bits & 1 ? between : bits & 2 ? 1.0 : -1.0;
}

// lg2.approx.ftz.f32: off by 2 ** -22 between 1/2 and 2, by that share of the result elsewhere.
DEVICE float log2_fast(float x) {
  double exact = __builtin_log2((double)x);
  double most = x > 0.5f && x < 2.0f ? 0x1p-22 : 0x1p-22 * __builtin_fabs(exact);
  return (float)(most < 1.0 ? exact + most * error_of(x, 1) : exact);
}

// ex2.approx.ftz.f32: off by a share of 2 ** -22.
DEVICE float exp2_fast(float x) {
  return (float)(__builtin_exp2((double)x) * (1.0 + 0x1p-22 * error_of(x, 2)));
}

// rcp.approx.ftz.f32: off by a unit in the last place, which is a share of 2 ** -23 at the least.
DEVICE float reciprocal_fast(float x) { return (float)(1.0 / x * (1.0 + 0x1p-23 * error_of(x, 3))); }
#endif
