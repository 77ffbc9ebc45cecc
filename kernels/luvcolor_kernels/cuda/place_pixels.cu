// Pixels of uint16 to planes of points. IN_LUV, FIRST: see place.cuh.
#include "place.cuh"

KERNEL void __launch_bounds__(256)
place_pixels(const uint16* __restrict__ pixels, const float* __restrict__ table,
             float* __restrict__ planes, int64 count, int64 stride, int64 length, int64 row,
             int64 pixel, int64 channel, float middle_x, float middle_y, float middle_z,
             float scale, float step) {
  Placing placing = {table, middle_x, middle_y, middle_z, scale, step};
  Rows rows = {length, row, pixel};
  int64 all = (int64)gridDim.x * blockDim.x;
  for (int64 i = (int64)blockIdx.x * blockDim.x + threadIdx.x; i < count; i += all) {
    const uint16* at = pixels + rows(i);
    place_color(placing, at[0], at[channel], at[2 * channel], planes + i, stride);
  }
}
