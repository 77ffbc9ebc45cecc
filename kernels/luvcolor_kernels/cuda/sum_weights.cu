// Sums of weights, for each 1024 neighbours. WEIGHT: their type.
#include "wide.cuh"

#define THREADS 256
#define EACH 4

KERNEL void __launch_bounds__(256)
sum_weights(const WEIGHT* __restrict__ weights, int64* __restrict__ sums, int64 count, int64 parts) {
  __shared__ unsigned low;
  __shared__ unsigned high;
  for (int64 part = blockIdx.x; part < parts; part += gridDim.x) {
    if (threadIdx.x == 0) low = high = 0;
    __syncthreads();
    int64 own = 0;
#pragma unroll
    for (int i = 0; i < EACH; i++) {
      int64 at = (part * EACH + i) * THREADS + threadIdx.x;
      if (at < count) own += weights[at];
    }
    add_shared(&low, &high, own);
    __syncthreads();
    if (threadIdx.x == 0) sums[part] = joined(low, high);
    __syncthreads();
  }
}
