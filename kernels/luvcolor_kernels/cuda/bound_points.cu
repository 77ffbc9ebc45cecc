// The least and the largest of each coordinate of points, as found by each block: two numbers for
// each dimension (down the grid) and block (across it). NaN where a coordinate is not finite.
// IN: type.
#include "wide.cuh"

KERNEL void __launch_bounds__(256)
bound_points(const IN* __restrict__ points, float* __restrict__ bounds, int64 count, int64 length,
             int64 row, int64 pixel, int64 channel) {
  __shared__ float lows[256];
  __shared__ float highs[256];
  Rows rows = {length, row, pixel};
  float low = __int_as_float(0x7f800000), high = -low;
  bool finite = true;
  int64 all = (int64)gridDim.x * blockDim.x;
  for (int64 i = (int64)blockIdx.x * blockDim.x + threadIdx.x; i < count; i += all) {
    float x = to_float(points[rows(i) + blockIdx.y * channel]);
    finite = finite && fabsf(x) < __int_as_float(0x7f800000);
    low = fminf(low, x);
    high = fmaxf(high, x);
  }
  lows[threadIdx.x] = finite ? low : __int_as_float(0x7fffffff);
  highs[threadIdx.x] = high;
  __syncthreads();
  if (threadIdx.x == 0) {
    for (unsigned t = 1; t < blockDim.x; t++) {
      finite = finite && lows[t] == lows[t];
      low = fminf(low, lows[t]);
      high = fmaxf(high, highs[t]);
    }
    float* out = bounds + 2 * ((int64)blockIdx.y * gridDim.x + blockIdx.x);
    out[0] = finite ? low : __int_as_float(0x7fffffff);
    out[1] = high;
  }
}
