// Labels of the nearest centres, four points a thread. IN, OUT: types. DIMENSIONS: see scan.cuh.
// `shift` is what points and centres are measured from; `names` are the labels of the centres.
// IN_LAYOUT, OUT_LAYOUT: see types.cuh.
#include "scan.cuh"

DEVICE float number(float32 x) { return x; }
DEVICE float number(float16 x) { return to_float(x); }
DEVICE float number(uint8 x) { return (float)x; }
DEVICE float number(uint16 x) { return (float)x; }

KERNEL void __launch_bounds__(256)
nearest(const IN* __restrict__ points, const float64* __restrict__ exact, const float* __restrict__ shift,
        const int32* __restrict__ names, OUT* __restrict__ out, int64 pictures, int64 length, int64 row,
        int64 channel, int64 pixel, int64 out_row, int64 out_pixel, int64 k, float reach) {
  __shared__ Four<float> room[ROOM / 4];
  float* tile = reinterpret_cast<float*>(room);
  Centers centers = {exact, (int)k, reach};
  fill_tile(tile, centers, 0);
  int64 all = 4 * (int64)gridDim.x * blockDim.x;
  for (int64 p = blockIdx.y; p < pictures; p += gridDim.y) {
    for (int64 start = 4 * (int64)blockIdx.x * blockDim.x; start < length; start += all) {
      int64 i = start + 4 * threadIdx.x;
      int count = i < length ? length - i < 4 ? (int)(length - i) : 4 : 0;
      Group<IN, DIMENSIONS> in =
          load<IN_LAYOUT, DIMENSIONS>(points + p * row + (count ? i * pixel : 0), count, channel, pixel);
      Held<4> x;
      int labels[4];
#pragma unroll
      for (int d = 0; d < DIMENSIONS; d++)
#pragma unroll
        for (int n = 0; n < 4; n++) x.at[d][n] = number(in.at[d][n]) - shift[d];
      find_nearest(tile, centers, x, labels);
      Group<OUT, 1> found;
#pragma unroll
      for (int n = 0; n < 4; n++) found.at[0][n] = (OUT)names[labels[n]];
      if (count) store<OUT_LAYOUT>(found, out + p * out_row + i * out_pixel, count, 0, out_pixel);
    }
  }
}
