// Points on the grid of k-means, as planes, EACH neighbours a thread: see scan.cuh.
#pragma once
#include "scan.cuh"

// Planes start at multiples of EACH, and there is memory up to the next of them.
DEVICE void load_points(const float* __restrict__ planes, int64 i, int64 count, int64 stride, Held<EACH>& x) {
#pragma unroll
  for (int d = 0; d < DIMENSIONS; d++) {
    if (EACH == 4 && i < count) {
      Four<float> four = load_four(planes + d * stride + i);
#pragma unroll
      for (int n = 0; n < EACH; n++) x.at[d][n] = four.at[n];
    } else {
#pragma unroll
      for (int n = 0; n < EACH; n++) x.at[d][n] = i < count ? planes[d * stride + i] : 0.0f;
    }
  }
}
