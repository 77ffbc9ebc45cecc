// Mean of the slopes around each pixel, and the offset that makes chroma there what it was. Second
// half of a guided filter. LIGHT, UV: types.
#include "pixel.cuh"

KERNEL void __launch_bounds__(256)
smooth_slope(const LIGHT* __restrict__ light, const UV* __restrict__ uv,
             const float* __restrict__ local, float* __restrict__ offset, float* __restrict__ slope,
             int64 pictures, int64 height, int64 width, int64 radius, float steepest) {
  int64 plane = height * width;
  int64 stride = (int64)gridDim.x * blockDim.x;
  for (int64 i = (int64)blockIdx.x * blockDim.x + threadIdx.x; i < pictures * plane; i += stride) {
    int64 p = i / plane, place = i - p * plane;
    int y = (int)(place / width), x = (int)(place - y * width);
    const float* locals = local + 2 * p * plane;
    float u = 0.0f, v = 0.0f;
    for (int dy = -(int)radius; dy <= radius; dy++) {
      int64 row = width * min(max(y + dy, 0), (int)height - 1);
      for (int dx = -(int)radius; dx <= radius; dx++) {
        int64 at = row + min(max(x + dx, 0), (int)width - 1);
        u += locals[at];
        v += locals[plane + at];
      }
    }
    float side = 2.0f * (float)radius + 1.0f;
    float share = 1.0f / (side * side);
    float slope_u = fminf(fmaxf(u * share, -steepest), steepest);
    float slope_v = fminf(fmaxf(v * share, -steepest), steepest);
    float l = to_float(light[i]);
    int64 at = 2 * p * plane + place;
    slope[at] = slope_u;
    slope[at + plane] = slope_v;
    offset[at] = to_float(uv[at]) - slope_u * l;
    offset[at + plane] = to_float(uv[at + plane]) - slope_v * l;
  }
}
