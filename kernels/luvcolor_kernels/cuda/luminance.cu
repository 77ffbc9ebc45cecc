// RGB (CHANNELS 3) or gray (CHANNELS 1) to lightness, four pixels a thread. IN: type; IN_LAYOUT,
// OUT_LAYOUT: see types.cuh.
#include "pixel.cuh"

KERNEL void __launch_bounds__(256)
luminance(const IN* __restrict__ picture, float* __restrict__ light, int64 pictures, int64 length,
          int64 step, int64 channel, int64 pixel, int64 light_step, int64 light_pixel) {
  __shared__ float table[256];
  if (Is<IN>::byte) fill_table(table, CHANNELS == 1 ? LIGHTNESS_TABLE : LINEAR_TABLE);
  int64 first = 4 * ((int64)blockIdx.x * blockDim.x + threadIdx.x);
  int64 stride = 4 * (int64)gridDim.x * blockDim.x;
  for (int64 p = blockIdx.y; p < pictures; p += gridDim.y) {
    for (int64 i = first; i < length; i += stride) {
      int count = length - i < 4 ? (int)(length - i) : 4;
      Group<IN, CHANNELS> in = load<IN_LAYOUT, CHANNELS>(picture + p * step + i * pixel, count, channel, pixel);
      Group<float, 1> out;
#pragma unroll
      for (int k = 0; k < 4; k++)
        out.at[0][k] = CHANNELS == 1
            ? gray_lightness(in.at[0][k], table)
            : linear_to_lightness(linear_of(in.at[0][k], table), linear_of(in.at[1 % CHANNELS][k], table),
                                  linear_of(in.at[2 % CHANNELS][k], table));
      store<OUT_LAYOUT>(out, light + p * light_step + i * light_pixel, count, 0, light_pixel);
    }
  }
}
