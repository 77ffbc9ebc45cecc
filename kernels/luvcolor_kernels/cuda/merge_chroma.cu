// Lightness and chroma of any size to RGB: chroma is interpolated as it is used, and shortened into
// the gamut. Four neighbouring pixels of a row a thread.
//
// LIGHT, UV, OUT: types; LIGHT of an integer type is a gray picture. FOLLOW: 1 if chroma follows
// lightness. LIGHT_LAYOUT, OUT_LAYOUT: see types.cuh.
#include "pixel.cuh"

// Where output index `at` of `size` lies among `old` samples, half-pixel centres, edges clamped:
// between samples low and high, by a share. Whole numbers keep it exact; the float only guesses.
struct Between { int64 low, high; float share; };

DEVICE Between between(int64 at, int64 old, int64 size) {
  int64 number = (2 * at + 1) * old - size, unit = 2 * size, last = (old - 1) * unit;
  number = number < 0 ? 0 : number > last ? last : number;
  float scale = reciprocal_fast((float)unit);
  int64 low = (int64)((float)number * scale);
  int64 rest = number - low * unit;
  while (rest < 0) { rest += unit; low--; }
  while (rest >= unit) { rest -= unit; low++; }
  return {low, low + 1 < old ? low + 1 : low, (float)rest * scale};
}

DEVICE float mix(float a, float b, float share) { return a + share * (b - a); }

DEVICE float column_at(const UV* __restrict__ plane, int64 columns, const Between& y, int64 x) {
  return mix(to_float(plane[y.low * columns + x]), to_float(plane[y.high * columns + x]), y.share);
}

// Samples a small plane at four neighbouring pixels. Where it is enlarged threefold or more, these
// lie between three columns, which are then read once.
DEVICE void sample(const UV* __restrict__ plane, int64 columns, bool near, const Between& y,
                   const Between (&x)[4], float (&out)[4]) {
  if (near) {
    float at[3];
#pragma unroll
    for (int i = 0; i < 3; i++) {
      int64 column = x[0].low + i;
      at[i] = column_at(plane, columns, y, column < columns ? column : columns - 1);
    }
#pragma unroll
    for (int k = 0; k < 4; k++)
      out[k] = x[k].low == x[0].low ? mix(at[0], at[1], x[k].share) : mix(at[1], at[2], x[k].share);
  } else {
#pragma unroll
    for (int k = 0; k < 4; k++)
      out[k] = mix(column_at(plane, columns, y, x[k].low), column_at(plane, columns, y, x[k].high), x[k].share);
  }
}

DEVICE float light_of(uint8 value, const float* table) { return table[value]; }
DEVICE float light_of(uint16 value, const float* table) { return gray_lightness(value, table); }
DEVICE float light_of(float16 value, const float*) { return to_float(value); }
DEVICE float light_of(bfloat16 value, const float*) { return to_float(value); }
DEVICE float light_of(float32 value, const float*) { return value; }

KERNEL void __launch_bounds__(256)
merge_chroma(const LIGHT* __restrict__ light, const UV* __restrict__ uv, const UV* __restrict__ slope,
             OUT* __restrict__ rgb, int64 pictures, int64 height, int64 width, int64 rows,
             int64 columns, int64 light_step, int64 light_pitch, int64 light_pixel, int64 rgb_step,
             int64 rgb_pitch, int64 rgb_channel, int64 rgb_pixel) {
  __shared__ float table[256];
  if (Is<LIGHT>::byte) fill_table(table, LIGHTNESS_TABLE);
  int64 plane = rows * columns;
  int64 first = 4 * ((int64)blockIdx.x * blockDim.x + threadIdx.x);
  if (first >= width) return;
  int count = width - first < 4 ? (int)(width - first) : 4;
  Between x[4];
#pragma unroll
  for (int k = 0; k < 4; k++) x[k] = between(first + (k < count ? k : 0), columns, width);
  bool near = 3 * columns <= width;
  int64 item = (int64)blockIdx.y * blockDim.y + threadIdx.y;
  for (; item < pictures * height; item += (int64)gridDim.y * blockDim.y) {
    int64 p = item / height, row = item - p * height;
    Between y = between(row, rows, height);
    const UV* small = uv + 2 * p * plane;
    const UV* follow = slope + 2 * p * plane;
    Group<LIGHT, 1> in = load<LIGHT_LAYOUT, 1>(light + p * light_step + row * light_pitch + first * light_pixel,
                                               count, 0, light_pixel);
    float u[4], v[4];
    sample(small, columns, near, y, x, u);
    sample(small + plane, columns, near, y, x, v);
    float slope_u[4], slope_v[4];
    if (FOLLOW) {
      sample(follow, columns, near, y, x, slope_u);
      sample(follow + plane, columns, near, y, x, slope_v);
    }
    Group<OUT, 3> out;
#pragma unroll
    for (int k = 0; k < 4; k++) {
      float l = light_of(in.at[0][k], table);
      if (FOLLOW) {
        u[k] += l * slope_u[k];
        v[k] += l * slope_v[k];
      }
      Color linear = merge_to_linear(l, u[k], v[k]);
      encode_to(linear.x, out.at[0][k]);
      encode_to(linear.y, out.at[1][k]);
      encode_to(linear.z, out.at[2][k]);
    }
    store<OUT_LAYOUT>(out, rgb + p * rgb_step + row * rgb_pitch + first * rgb_pixel, count, rgb_channel,
                      rgb_pixel);
  }
}
