// Zero in every element.
#include "wide.cuh"

KERNEL void __launch_bounds__(256)
clear(int64* __restrict__ values, int64 count) {
  int64 all = (int64)gridDim.x * blockDim.x;
  for (int64 i = (int64)blockIdx.x * blockDim.x + threadIdx.x; i < count; i += all) values[i] = 0;
}
