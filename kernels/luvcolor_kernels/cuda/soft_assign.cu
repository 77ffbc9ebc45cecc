// The nearest few centres of each point in order, and weights exp(factor d^2) that sum to 1: twin of
// cpu_soft.assign_softly. IN, OUT: types. DIMENSIONS: of points. NEIGHBORS: how many are kept.
#include "exact.cuh"

DEVICE float number(float32 x) { return x; }
DEVICE float number(float16 x) { return to_float(x); }
DEVICE float number(uint8 x) { return (float)x; }
DEVICE float number(uint16 x) { return (float)x; }

KERNEL void __launch_bounds__(256)
soft_assign(const IN* __restrict__ points, const float* __restrict__ centers, OUT* __restrict__ labels,
            float* __restrict__ weights, int64 count, int64 k, int64 length, int64 row, int64 pixel,
            int64 channel, float factor) {
  Rows rows = {length, row, pixel};
  int64 all = (int64)gridDim.x * blockDim.x;
  for (int64 i = (int64)blockIdx.x * blockDim.x + threadIdx.x; i < count; i += all) {
    const IN* at = points + rows(i);
    float x[DIMENSIONS], gaps[NEIGHBORS];
    int names[NEIGHBORS];
#pragma unroll
    for (int d = 0; d < DIMENSIONS; d++) x[d] = number(at[d * channel]);
#pragma unroll
    for (int t = 0; t < NEIGHBORS; t++) {
      gaps[t] = __int_as_float(0x7f800000);
      names[t] = 0;
    }
    for (int j = 0; j < k; j++) {
      Exact sum = {0.0f};
#pragma unroll
      for (int d = 0; d < DIMENSIONS; d++) {
        Exact gap = Exact(x[d]) - centers[(int64)j * DIMENSIONS + d];
        sum = sum + gap * gap;
      }
      float gap = sum.value;
      int name = j;
      if (!(gap < gaps[NEIGHBORS - 1])) continue;
      // Of equals the first stays ahead; whoever is overtaken moves on, and all behind.
      bool ahead = false;
#pragma unroll
      for (int t = 0; t < NEIGHBORS; t++) {
        ahead = ahead || gap < gaps[t];
        float other = gaps[t];
        int loser = names[t];
        gaps[t] = ahead ? gap : other;
        names[t] = ahead ? name : loser;
        gap = ahead ? other : gap;
        name = ahead ? loser : name;
      }
    }
    float total = 0.0f;
#pragma unroll
    for (int t = 0; t < NEIGHBORS; t++) total += expf(factor * (gaps[t] - gaps[0]));
#pragma unroll
    for (int t = 0; t < NEIGHBORS; t++) {
      labels[i * NEIGHBORS + t] = (OUT)names[t];
      weights[i * NEIGHBORS + t] = expf(factor * (gaps[t] - gaps[0])) / total;
    }
  }
}
