// Numbers of uint8 colours (see color_cells.py) to planes of points. IN_LUV, FIRST: see place.cuh.
#include "place.cuh"

KERNEL void __launch_bounds__(256)
place_colors(const int32* __restrict__ numbers, const float* __restrict__ table,
             float* __restrict__ planes, int64 count, int64 stride, float middle_x, float middle_y,
             float middle_z, float scale, float step) {
  Placing placing = {table, middle_x, middle_y, middle_z, scale, step};
  int64 all = (int64)gridDim.x * blockDim.x;
  for (int64 i = (int64)blockIdx.x * blockDim.x + threadIdx.x; i < count; i += all) {
    int n = numbers[i];
    int r = (n >> 21 & 7) << 5 | (n >> 13 & 3) << 3 | (n >> 6 & 7);
    int g = (n >> 18 & 7) << 5 | (n >> 11 & 3) << 3 | (n >> 3 & 7);
    int b = (n >> 15 & 7) << 5 | (n >> 9 & 3) << 3 | (n & 7);
    place_color(placing, r, g, b, planes + i, stride);
  }
}
