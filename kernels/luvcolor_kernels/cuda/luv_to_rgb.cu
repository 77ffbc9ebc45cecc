// LUV to RGB, four pixels a thread. IN, OUT: types; IN_LAYOUT, OUT_LAYOUT: see types.cuh.
#include "pixel.cuh"

KERNEL void __launch_bounds__(256)
luv_to_rgb(const IN* __restrict__ luv, OUT* __restrict__ rgb, int64 pictures, int64 length,
           int64 luv_step, int64 luv_channel, int64 luv_pixel,
           int64 rgb_step, int64 rgb_channel, int64 rgb_pixel) {
  int64 first = 4 * ((int64)blockIdx.x * blockDim.x + threadIdx.x);
  int64 stride = 4 * (int64)gridDim.x * blockDim.x;
  for (int64 p = blockIdx.y; p < pictures; p += gridDim.y) {
    for (int64 i = first; i < length; i += stride) {
      int count = length - i < 4 ? (int)(length - i) : 4;
      Group<IN, 3> in = load<IN_LAYOUT, 3>(luv + p * luv_step + i * luv_pixel, count, luv_channel, luv_pixel);
      Group<OUT, 3> out;
#pragma unroll
      for (int k = 0; k < 4; k++) {
        Color linear = luv_to_linear(to_float(in.at[0][k]), to_float(in.at[1][k]), to_float(in.at[2][k]));
        encode_to(linear.x, out.at[0][k]);
        encode_to(linear.y, out.at[1][k]);
        encode_to(linear.z, out.at[2][k]);
      }
      store<OUT_LAYOUT>(out, rgb + p * rgb_step + i * rgb_pixel, count, rgb_channel, rgb_pixel);
    }
  }
}
