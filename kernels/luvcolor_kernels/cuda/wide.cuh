// Whole numbers of 64 bits, as sums and as indices.
#pragma once
#include "types.cuh"

typedef int int32;
typedef double float64;
typedef unsigned long long uint64;

DEVICE void add_global(int64* sum, int64 value) { atomicAdd(reinterpret_cast<uint64*>(sum), (uint64)value); }

// Sums in shared memory are two words, because there GPUs add words of 32 bits natively, and 64 bits
// only by trying again and again. The carry goes from one to the other with whoever caused it, so
// the two make the exact sum once all have added.
DEVICE void add_shared(unsigned* low, unsigned* high, int64 value) {
  unsigned part = (unsigned)value;
  unsigned sum = atomicAdd(low, part) + part;
  unsigned rest = (unsigned)((uint64)value >> 32) + (sum < part ? 1u : 0u);
  if (rest) atomicAdd(high, rest);
}

DEVICE int64 joined(unsigned low, unsigned high) { return (int64)((uint64)high << 32 | low); }

// Pixel i of pictures of `length` pixels each, as runs.py describes them; in elements.
struct Rows {
  int64 length, step, pixel;
  __device__ int64 operator()(int64 i) const {
    int64 p = i / length;
    return p * step + (i - p * length) * pixel;
  }
};
