// Copies some points, by their indices. IN: type.
#include "wide.cuh"

KERNEL void __launch_bounds__(256)
gather(const IN* __restrict__ points, const int64* __restrict__ indices, IN* __restrict__ out,
       int64 count, int64 dimensions, int64 length, int64 row, int64 pixel, int64 channel,
       int64 out_pixel, int64 out_channel) {
  Rows rows = {length, row, pixel};
  int64 all = (int64)gridDim.x * blockDim.x;
  for (int64 i = (int64)blockIdx.x * blockDim.x + threadIdx.x; i < count; i += all) {
    const IN* at = points + rows(indices[i]);
    for (int64 d = 0; d < dimensions; d++) out[i * out_pixel + d * out_channel] = at[d * channel];
  }
}
