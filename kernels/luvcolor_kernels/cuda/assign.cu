// One step of Lloyd's algorithm: for each centre (k, D), the sums of the weights of the points nearest
// to it, and of their weighted coordinates, as whole numbers. DIMENSIONS: see scan.cuh. WEIGHT: type
// of weights. WEIGHTED: 0 if all of them are 1.
//
// Neighbours in memory mostly have one centre. A thread adds up its own neighbours first; then sums
// go to shared memory, to one of several copies, so that the threads of a warp seldom meet; at last,
// once for each block, to global memory. With too many centres for that (`copies` is 0) they go there
// at once. All are additions of whole numbers: the order changes nothing.
#include "points.cuh"

#define SLOTS 2048

struct Sums {
  unsigned *low, *high;
  int64* all;
  int copies;
};

DEVICE void add_sums(const Sums& sums, int label, const int64 (&own)[COEFFICIENTS]) {
#pragma unroll
  for (int d = 0; d < COEFFICIENTS; d++) {
    int64 value = (int64)label * COEFFICIENTS + d;
    int slot = (int)value * sums.copies + (int)(threadIdx.x & (sums.copies - 1));
    if (sums.copies) add_shared(sums.low + slot, sums.high + slot, own[d]);
    else add_global(sums.all + value, own[d]);
  }
}

DEVICE void add_points(const Sums& sums, const int (&labels)[EACH], const Held<EACH>& x,
                       const WEIGHT* __restrict__ weights, int room, float scale) {
  int64 own[COEFFICIENTS] = {};
  int owner = -1;
#pragma unroll
  for (int n = 0; n < EACH; n++)
    if (n < room) {
      if (labels[n] != owner) {
        if (owner >= 0) add_sums(sums, owner, own);
#pragma unroll
        for (int d = 0; d < COEFFICIENTS; d++) own[d] = 0;
        owner = labels[n];
      }
      int64 weight = WEIGHTED ? weights[n] : 1;
      own[0] += weight;
#pragma unroll
      for (int d = 0; d < DIMENSIONS; d++) own[d + 1] += weight * (int)(x.at[d][n] * scale);
    }
  if (owner >= 0) add_sums(sums, owner, own);
}

KERNEL void __launch_bounds__(256)
assign(const float* __restrict__ planes, const WEIGHT* __restrict__ weights,
       const float64* __restrict__ exact, int64* __restrict__ sums, int64 count, int64 stride, int64 k,
       int64 copies, float scale, float reach) {
  __shared__ Four<float> room[ROOM / 4];
  __shared__ unsigned low[SLOTS];
  __shared__ unsigned high[SLOTS];
  float* tile = reinterpret_cast<float*>(room);
  Centers centers = {exact, (int)k, reach};
  Sums shared = {low, high, sums, (int)copies};
  int values = (int)k * COEFFICIENTS;
  for (int i = threadIdx.x; i < values * shared.copies; i += blockDim.x) low[i] = high[i] = 0;
  fill_tile(tile, centers, 0);
  for (int64 start = (int64)blockIdx.x * blockDim.x * EACH; start < count;
       start += (int64)gridDim.x * blockDim.x * EACH) {
    int64 i = start + threadIdx.x * EACH;
    Held<EACH> x;
    int labels[EACH];
    load_points(planes, i, count, stride, x);
    find_nearest(tile, centers, x, labels);
    int rest = count - i < EACH ? (int)(count - i) : EACH;
    add_points(shared, labels, x, weights + (WEIGHTED ? i : 0), rest, scale);
  }
  __syncthreads();
  for (int i = threadIdx.x; i < values && shared.copies; i += blockDim.x) {
    int64 total = 0;
    for (int slot = i * shared.copies; slot < (i + 1) * shared.copies; slot++)
      total += joined(low[slot], high[slot]);
    if (total) add_global(sums + i, total);
  }
}
