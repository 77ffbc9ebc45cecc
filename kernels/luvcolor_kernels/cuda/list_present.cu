// Lists the colours that a table has, in its order, and their counts. `offsets` say where the list
// of each part begins, and where the last one ends. COUNT, TOTAL: types of the table and of the
// listed counts. AS_COLORS: the table is in the order of (R, G, B), and three bytes are listed, OUT;
// else numbers.
#include "wide.cuh"

#define EACH 16

DEVICE void list_color(uint8* to, int64 at, int number) {
  to[3 * at] = (uint8)(number >> 16);
  to[3 * at + 1] = (uint8)(number >> 8 & 255);
  to[3 * at + 2] = (uint8)(number & 255);
}

DEVICE void list_color(int32* to, int64 at, int number) { to[at] = number; }

// Sums of what threads up to, and with, this one have; 256 of them.
DEVICE int running_sum(int own, int* shared) {
  unsigned t = threadIdx.x;
  shared[t] = own;
  __syncthreads();
  for (unsigned step = 1; step < blockDim.x; step *= 2) {
    int more = t >= step ? shared[t - step] : 0;
    __syncthreads();
    shared[t] += more;
    __syncthreads();
  }
  return shared[t];
}

KERNEL void __launch_bounds__(256)
list_present(const COUNT* __restrict__ table, const int64* __restrict__ offsets, OUT* __restrict__ colors,
             TOTAL* __restrict__ counts, int64 parts) {
  __shared__ int sums[256];
  for (int64 part = blockIdx.x; part < parts; part += gridDim.x) {
    if (offsets[part] == offsets[part + 1]) continue;
    int64 first = (part * blockDim.x + threadIdx.x) * EACH;
    COUNT each[EACH];
    int own = 0;
#pragma unroll
    for (int i = 0; i < EACH; i++) {
      each[i] = table[first + i];
      own += each[i] != 0;
    }
    int64 at = offsets[part] + running_sum(own, sums) - own;
    __syncthreads();
#pragma unroll
    for (int i = 0; i < EACH; i++)
      if (each[i] != 0) {
        list_color(colors, at, (int)(first + i));
        counts[at++] = (TOTAL)each[i];
      }
  }
}
