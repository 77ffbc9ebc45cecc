// How much chroma changes with lightness around each pixel of a small picture: covariance over
// variance in a square window, edges clamped. First half of a guided filter. LIGHT, UV: types.
#include "pixel.cuh"

KERNEL void __launch_bounds__(256)
local_slope(const LIGHT* __restrict__ light, const UV* __restrict__ uv, float* __restrict__ slope,
            int64 pictures, int64 height, int64 width, int64 radius, float noise) {
  int64 plane = height * width;
  int64 stride = (int64)gridDim.x * blockDim.x;
  for (int64 i = (int64)blockIdx.x * blockDim.x + threadIdx.x; i < pictures * plane; i += stride) {
    int64 p = i / plane, place = i - p * plane;
    int y = (int)(place / width), x = (int)(place - y * width);
    const LIGHT* lights = light + p * plane;
    const UV* us = uv + 2 * p * plane;
    // Measured from the pixel in the middle, squares stay small and differences of them exact.
    float l0 = to_float(lights[place]), u0 = to_float(us[place]), v0 = to_float(us[plane + place]);
    float l = 0.0f, u = 0.0f, v = 0.0f, ll = 0.0f, lu = 0.0f, lv = 0.0f;
    for (int dy = -(int)radius; dy <= radius; dy++) {
      int64 row = width * min(max(y + dy, 0), (int)height - 1);
      for (int dx = -(int)radius; dx <= radius; dx++) {
        int64 at = row + min(max(x + dx, 0), (int)width - 1);
        float dl = to_float(lights[at]) - l0, du = to_float(us[at]) - u0, dv = to_float(us[plane + at]) - v0;
        l += dl;
        u += du;
        v += dv;
        ll += dl * dl;
        lu += dl * du;
        lv += dl * dv;
      }
    }
    float side = 2.0f * (float)radius + 1.0f;
    float share = 1.0f / (side * side);
    float variance = fmaxf((ll - l * l * share) * share, 0.0f) + noise * noise;
    slope[2 * p * plane + place] = (lu - l * u * share) * share / variance;
    slope[2 * p * plane + plane + place] = (lv - l * v * share) * share / variance;
  }
}
