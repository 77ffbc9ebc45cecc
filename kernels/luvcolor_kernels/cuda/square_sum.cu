// Sums of weighted squares of coordinates, a dimension down the grid: a square has up to twice `split`
// bits, and the upper and the lower ones are summed apart. WEIGHT: type of weights. WEIGHTED: 0 if all
// of them are 1.
#include "wide.cuh"

KERNEL void __launch_bounds__(256)
square_sum(const float* __restrict__ planes, const WEIGHT* __restrict__ weights,
           int64* __restrict__ sums, int64 count, int64 stride, int64 split, float scale) {
  __shared__ unsigned low[2];
  __shared__ unsigned high[2];
  if (threadIdx.x < 2) low[threadIdx.x] = high[threadIdx.x] = 0;
  __syncthreads();
  const float* plane = planes + blockIdx.y * stride;
  int64 upper = 0, lower = 0;
  int64 all = (int64)gridDim.x * blockDim.x;
  for (int64 i = (int64)blockIdx.x * blockDim.x + threadIdx.x; i < count; i += all) {
    int64 whole = (int)(plane[i] * scale), weight = WEIGHTED ? weights[i] : 1;
    int64 square = whole * whole;
    upper += weight * (square >> split);
    lower += weight * (square & (((int64)1 << split) - 1));
  }
  add_shared(low, high, upper);
  add_shared(low + 1, high + 1, lower);
  __syncthreads();
  if (threadIdx.x < 2)
    add_global(sums + 2 * blockIdx.y + threadIdx.x, joined(low[threadIdx.x], high[threadIdx.x]));
}
