// Points of floats to planes on the grid of k-means. IN: type.
#include "exact.cuh"

KERNEL void __launch_bounds__(256)
place_points(const IN* __restrict__ points, const float* __restrict__ middle,
             float* __restrict__ planes, int64 count, int64 dimensions, int64 stride, int64 length,
             int64 row, int64 pixel, int64 channel, float scale, float step) {
  Rows rows = {length, row, pixel};
  int64 all = (int64)gridDim.x * blockDim.x;
  for (int64 i = (int64)blockIdx.x * blockDim.x + threadIdx.x; i < count; i += all) {
    const IN* at = points + rows(i);
    for (int64 d = 0; d < dimensions; d++)
      planes[d * stride + i] = on_grid(to_float(at[d * channel]), middle[d], scale, step);
  }
}
