// Lightness averaged over the area of each pixel of a smaller (or larger) picture, in one pass.
//
// A block makes `tile` neighbouring pixels of one row. Its threads go down the rows that this row
// covers, four source columns each, and hand the sums of the columns over through shared memory;
// then one thread for each pixel adds up the columns that it covers. Shares are overlaps of whole
// numbers, in units of 1 / height and 1 / width of the result, so they are exact.
//
// IN, OUT: types. CHANNELS: 3 or 1. IS_LIGHT: floats are lightness, not pictures.
#include "pixel.cuh"

#define COLUMNS 1024  // four for each of 256 threads

DEVICE int64 overlap(int64 low, int64 high, int64 other_low, int64 other_high) {
  int64 from = low > other_low ? low : other_low;
  int64 to = high < other_high ? high : other_high;
  return to > from ? to - from : 0;
}

// As it is needed for a float that is lightness already.
template <class T> DEVICE float as_light(T value) { return to_float(value); }
DEVICE float as_light(uint8) { return 0.0f; }
DEVICE float as_light(uint16) { return 0.0f; }

DEVICE float light_at(const IN* __restrict__ at, int64 channel, const float* table) {
  if (IS_LIGHT && !Is<IN>::integer) return as_light(at[0]);
  if (CHANNELS == 1) return gray_lightness(at[0], table);
  return linear_to_lightness(linear_of(at[0], table), linear_of(at[channel], table),
                             linear_of(at[2 * channel], table));
}

KERNEL void __launch_bounds__(256)
luma_to_input(const IN* __restrict__ picture, OUT* __restrict__ input, int64 pictures, int64 height,
              int64 width, int64 step, int64 pitch, int64 pixel, int64 channel, int64 rows,
              int64 columns, int64 tile, float scale, float shift) {
  __shared__ float table[256];
  __shared__ float sums[COLUMNS];
  if (Is<IN>::byte) fill_table(table, CHANNELS == 1 ? LIGHTNESS_TABLE : LINEAR_TABLE);
  int64 left = blockIdx.x * tile;
  int64 right = left + tile < columns ? left + tile : columns;
  int64 begin = left * width / columns, end = (right * width - 1) / columns + 1;
  int64 column = left + threadIdx.x, west = column * width, east = west + width;
  int64 from = west / columns, to = (east - 1) / columns + 1;
  for (int64 item = blockIdx.y; item < pictures * rows; item += gridDim.y) {
    int64 p = item / rows, row = item - p * rows;
    int64 top = row * height, bottom = top + height;
    int64 first = top / rows, last = (bottom - 1) / rows;
    float total = 0.0f;
    for (int64 start = begin; start < end; start += COLUMNS) {
      int64 x = start + threadIdx.x;
      int room = (int)(end - x < COLUMNS ? end - x : COLUMNS);
      const IN* source = picture + p * step + first * pitch + x * pixel;
      float sum[4] = {0.0f, 0.0f, 0.0f, 0.0f};
      for (int64 y = first; y <= last; y++, source += pitch) {
        float share = (float)overlap(y * rows, (y + 1) * rows, top, bottom);
#pragma unroll
        for (int k = 0; k < 4; k++)
          if (k * 256 < room) sum[k] += share * light_at(source + k * 256 * pixel, channel, table);
      }
#pragma unroll
      for (int k = 0; k < 4; k++) sums[threadIdx.x + k * 256] = sum[k];
      __syncthreads();
      if (column < right) {
        int64 stop = to < start + COLUMNS ? to : start + COLUMNS;
        for (int64 at = from > start ? from : start; at < stop; at++)
          total += sums[at - start] * (float)overlap(at * columns, (at + 1) * columns, west, east);
      }
      __syncthreads();
    }
    if (column < right)
      from_float(total / ((float)height * (float)width) * scale + shift, input[item * columns + column]);
  }
}
