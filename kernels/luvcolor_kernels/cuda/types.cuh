// Element types, and four neighbouring pixels at a time.
#pragma once

typedef unsigned char uint8;
typedef unsigned short uint16;
typedef float float32;
typedef long long int64;

// Halves are carried as their bits: no header of CUDA's is needed, and every device has them.
struct float16 { uint16 bits; };
struct bfloat16 { uint16 bits; };

#ifndef EMULATED
#define DEVICE __device__ __forceinline__
#define KERNEL extern "C" __global__

DEVICE float half_to_float(uint16 bits) {
  float value;
  asm("cvt.f32.f16 %0, %1;" : "=f"(value) : "h"(bits));
  return value;
}

DEVICE uint16 float_to_half(float value) {
  uint16 bits;
  asm("cvt.rn.f16.f32 %0, %1;" : "=h"(bits) : "f"(value));
  return bits;
}

// Stores of 8 and 16 bytes are spelled out: compilers split some of those they are given.
DEVICE void store_word(unsigned word, unsigned* to) { *to = word; }

DEVICE void store_word(uint2 word, uint2* to) {
  asm volatile("st.global.v2.b32 [%0], {%1, %2};" ::"l"(__cvta_generic_to_global(to)), "r"(word.x), "r"(word.y) : "memory");
}

DEVICE void store_word(uint4 word, uint4* to) {
  asm volatile("st.global.v4.b32 [%0], {%1, %2, %3, %4};" ::"l"(__cvta_generic_to_global(to)), "r"(word.x), "r"(word.y),
               "r"(word.z), "r"(word.w)
               : "memory");
}
#endif

DEVICE float to_float(float32 x) { return x; }
DEVICE float to_float(float16 x) { return half_to_float(x.bits); }
DEVICE float to_float(bfloat16 x) { return __int_as_float((int)((unsigned)x.bits << 16)); }

DEVICE void from_float(float value, float32& x) { x = value; }
DEVICE void from_float(float value, float16& x) { x.bits = float_to_half(value); }
DEVICE void from_float(float value, bfloat16& x) {
  // To the nearest, ties to even: the instruction for it is younger than sm_75.
  unsigned bits = (unsigned)__float_as_int(value);
  // A NaN of a GPU is all ones, which rounding up would turn into -0.
  x.bits = value != value ? (uint16)0x7fff : (uint16)((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
}

// How the pixels of an array lie: see runs.py.
#define STRIDED 0
#define PLANAR 1
#define INTERLEAVED 2

template <class T> struct alignas(4 * sizeof(T)) Four { T at[4]; };

// The one word that four elements are moved as.
template <int SIZE> struct Word;
template <> struct Word<4> { typedef unsigned type; };
template <> struct Word<8> { typedef uint2 type; };
template <> struct Word<16> { typedef uint4 type; };

template <class T> DEVICE Four<T> load_four(const T* __restrict__ from) {
  union { typename Word<4 * sizeof(T)>::type word; Four<T> four; } both;
  both.word = *reinterpret_cast<const typename Word<4 * sizeof(T)>::type*>(from);
  return both.four;
}

template <class T> DEVICE void store_four(const Four<T>& four, T* __restrict__ to) {
  union { Four<T> four; typename Word<4 * sizeof(T)>::type word; } both = {four};
  store_word(both.word, reinterpret_cast<typename Word<4 * sizeof(T)>::type*>(to));
}

// Channel c of pixel k of a group is at[c][k].
template <class T, int N> struct Group { T at[N][4]; };

// Reads `count` pixels, four at most. A full group whose layout allows it is read by wide loads.
template <int LAYOUT, int N, class T>
DEVICE Group<T, N> load(const T* __restrict__ pixels, int count, int64 channel, int64 pixel) {
  Group<T, N> group = {};
  if (LAYOUT == PLANAR && count == 4) {
#pragma unroll
    for (int c = 0; c < N; c++) {
      Four<T> four = load_four(pixels + c * channel);
#pragma unroll
      for (int k = 0; k < 4; k++) group.at[c][k] = four.at[k];
    }
  } else if (LAYOUT == INTERLEAVED && count == 4) {
    Four<T> parts[N];
#pragma unroll
    for (int i = 0; i < N; i++) parts[i] = load_four(pixels + 4 * i);
#pragma unroll
    for (int i = 0; i < 4 * N; i++) group.at[i % N][i / N] = parts[i / 4].at[i % 4];
  } else {
#pragma unroll
    for (int k = 0; k < 4; k++)
      if (k < count)
#pragma unroll
        for (int c = 0; c < N; c++) group.at[c][k] = pixels[k * pixel + c * channel];
  }
  return group;
}

// Writes `count` pixels, four at most.
template <int LAYOUT, int N, class T>
DEVICE void store(const Group<T, N>& group, T* __restrict__ pixels, int count, int64 channel,
                  int64 pixel) {
  if (LAYOUT == PLANAR && count == 4) {
#pragma unroll
    for (int c = 0; c < N; c++) {
      Four<T> four;
#pragma unroll
      for (int k = 0; k < 4; k++) four.at[k] = group.at[c][k];
      store_four(four, pixels + c * channel);
    }
  } else if (LAYOUT == INTERLEAVED && count == 4) {
    Four<T> parts[N];
#pragma unroll
    for (int i = 0; i < 4 * N; i++) parts[i / 4].at[i % 4] = group.at[i % N][i / N];
#pragma unroll
    for (int i = 0; i < N; i++) store_four(parts[i], pixels + 4 * i);
  } else {
#pragma unroll
    for (int k = 0; k < 4; k++)
      if (k < count)
#pragma unroll
        for (int c = 0; c < N; c++) pixels[k * pixel + c * channel] = group.at[c][k];
  }
}
