// The squared distance, in float64, of each point from the nearest of k centres. DIMENSIONS: see
// scan.cuh.
#include "points.cuh"

KERNEL void __launch_bounds__(256)
measure_gaps(const float* __restrict__ planes, const float64* __restrict__ exact,
             float64* __restrict__ gaps, int64 count, int64 stride, int64 k, float reach) {
  __shared__ Four<float> room[ROOM / 4];
  float* tile = reinterpret_cast<float*>(room);
  Centers centers = {exact, (int)k, reach};
  fill_tile(tile, centers, 0);
  for (int64 start = (int64)blockIdx.x * blockDim.x * EACH; start < count;
       start += (int64)gridDim.x * blockDim.x * EACH) {
    int64 i = start + threadIdx.x * EACH;
    Held<EACH> x;
    int labels[EACH];
    load_points(planes, i, count, stride, x);
    find_nearest(tile, centers, x, labels);
#pragma unroll
    for (int n = 0; n < EACH; n++)
      if (i + n < count) gaps[i + n] = square_distance(x, n, centers, labels[n]);
  }
}
