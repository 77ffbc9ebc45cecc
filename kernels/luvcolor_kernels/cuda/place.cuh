// Colours as points on the grid of k-means. IN_LUV: whether they are converted first. FIRST: which
// coordinate is the first that is kept.
#pragma once
#include "exact.cuh"

// What places colours; see spaces.Placing.
struct Placing {
  const float* table;
  float middle_x, middle_y, middle_z, scale, step;
};

DEVICE void place_color(const Placing& placing, int r, int g, int b, float* __restrict__ planes,
                        int64 stride) {
  Color color = {placing.table[r], placing.table[g], placing.table[b]};
  if (IN_LUV) color = exact_luv(color.x, color.y, color.z);
  float x = on_grid(color.x, placing.middle_x, placing.scale, placing.step);
  if (FIRST == 0) planes[0] = x;
  planes[(1 - FIRST) * stride] = on_grid(color.y, placing.middle_y, placing.scale, placing.step);
  planes[(2 - FIRST) * stride] = on_grid(color.z, placing.middle_z, placing.scale, placing.step);
}
