// Counts uint8 pixels into a table of all colours, four pixels a thread. COUNT: type of the table.
// BY_CELLS: the table is in the order of color_cells.py, else in that of (R, G, B). WEIGHT:
// type of weights. WEIGHTED: 0 if all of them are 1. IN_LAYOUT: see types.cuh.
#include "wide.cuh"

DEVICE int number_of(int r, int g, int b) {
  if (!BY_CELLS) return r << 16 | g << 8 | b;
  int block = (r >> 5) << 21 | (g >> 5) << 18 | (b >> 5) << 15;
  int cell = (r >> 3 & 3) << 13 | (g >> 3 & 3) << 11 | (b >> 3 & 3) << 9;
  return block | cell | (r & 7) << 6 | (g & 7) << 3 | (b & 7);
}

DEVICE void add_count(int32* at, int64 value) { atomicAdd(at, (int32)value); }
DEVICE void add_count(int64* at, int64 value) { add_global(at, value); }

KERNEL void __launch_bounds__(256)
count_colors(const uint8* __restrict__ rgb, const WEIGHT* __restrict__ weights,
             COUNT* __restrict__ table, int64 pictures, int64 length, int64 row, int64 channel,
             int64 pixel) {
  int64 first = 4 * ((int64)blockIdx.x * blockDim.x + threadIdx.x);
  int64 all = 4 * (int64)gridDim.x * blockDim.x;
  // Equal pixels in a row take one atomic addition together.
  int last = -1;
  int64 times = 0;
  for (int64 p = blockIdx.y; p < pictures; p += gridDim.y) {
    for (int64 i = first; i < length; i += all) {
      int count = length - i < 4 ? (int)(length - i) : 4;
      Group<uint8, 3> in = load<IN_LAYOUT, 3>(rgb + p * row + i * pixel, count, channel, pixel);
#pragma unroll
      for (int k = 0; k < 4; k++)
        if (k < count) {
          int number = number_of(in.at[0][k], in.at[1][k], in.at[2][k]);
          if (number != last && last >= 0) add_count(table + last, times);
          times = (number == last ? times : 0) + (WEIGHTED ? weights[p * length + i + k] : 1);
          last = number;
        }
    }
  }
  if (last >= 0) add_count(table + last, times);
}
