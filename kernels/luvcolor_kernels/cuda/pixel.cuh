// The colour formulae for one pixel: twin of pixel.py, where they are explained. The constants in
// capitals come from there too.
#pragma once
#include "constants.cuh"
#include "types.cuh"

#ifndef EMULATED
DEVICE float log2_fast(float x) {
  float y;
  asm("lg2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
  return y;
}

DEVICE float exp2_fast(float x) {
  float y;
  asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
  return y;
}

DEVICE float reciprocal_fast(float x) {
  float y;
  asm("rcp.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
  return y;
}
#endif

struct Color { float x, y, z; };

DEVICE float cube_root(float x) { return exp2_fast(log2_fast(x) * THIRD); }

DEVICE float decode(float value) {
  float base = fmaxf((value + OFFSET) * PER_SCALE, TINY);
  float power = exp2_fast(log2_fast(base) * GAMMA);
  return value > THRESHOLD ? power : value * PER_SLOPE;
}

DEVICE float encode(float linear) {
  float x = fminf(fmaxf(linear, ZERO), ONE);
  float power = SCALE * exp2_fast(log2_fast(fmaxf(x, TINY)) * PER_GAMMA) - OFFSET;
  return x > LINEAR_THRESHOLD ? power : x * SLOPE;
}

DEVICE float lightness(float y) {
  float root = cube_root(fmaxf(y, TINY));
  return y > EPSILON ? C116 * root - SIXTEEN : KAPPA * y;
}

DEVICE float relative_luminance(float light) {
  float root = (light + SIXTEEN) * PER_116;
  return light > L_THRESHOLD ? root * root * root : light * PER_KAPPA;
}

DEVICE float linear_to_lightness(float r, float g, float b) {
  return lightness(Y_R * r + Y_G * g + Y_B * b);
}

DEVICE Color linear_to_luv(float r, float g, float b) {
  float light = linear_to_lightness(r, g, b);
  float share = light * reciprocal_fast(D_R * r + D_G * g + D_B * b + TINY);
  return {light, (U_R * r + U_G * g + U_B * b) * share, (V_R * r + V_G * g + V_B * b) * share};
}

DEVICE Color luv_to_linear(float light, float u, float v) {
  float a = u + U_WHITE_13 * light;
  float b = v + V_WHITE_13 * light;
  float share = relative_luminance(light) * reciprocal_fast(fabsf(b) > TINY ? b : TINY);
  return {share * (A_R * a + B_R * b + L_R * light), share * (A_G * a + B_G * b + L_G * light),
          share * (A_B * a + B_B * b + L_B * light)};
}

DEVICE Color merge_to_linear(float light, float u, float v) {
  light = fminf(fmaxf(light, ZERO), L_MAX);
  float y = relative_luminance(light);
  float b = V_NEUTRAL_13 * light;
  float k_r = KU_R * u + KV_R * v;
  float k_g = KU_G * u + KV_G * v;
  float k_b = KU_B * u + KV_B * v;
  float smallest = fminf(k_r, fminf(k_g, k_b));
  float largest = fmaxf(k_r, fmaxf(k_g, k_b));
  float room = (ONE - y) * b;
  float above_zero = b * reciprocal_fast(fmaxf(fmaxf(b, -(v + smallest)), TINY));
  float below_one = room * reciprocal_fast(fmaxf(fmaxf(room, y * largest - (ONE - y) * v), TINY));
  float t = fminf(above_zero, below_one);
  float share = t * y * reciprocal_fast(fmaxf(b + t * v, TINY));
  return {y + share * k_r, y + share * k_g, y + share * k_b};
}

// Linear light of one channel as it is stored; of uint8 through a table in shared memory.
DEVICE float linear_of(uint8 value, const float* table) { return table[value]; }
DEVICE float linear_of(uint16 value, const float*) { return decode((float)value * PER_65535); }
DEVICE float linear_of(float16 value, const float*) { return decode(to_float(value)); }
DEVICE float linear_of(bfloat16 value, const float*) { return decode(to_float(value)); }
DEVICE float linear_of(float32 value, const float*) { return decode(value); }

// Lightness of one gray as it is stored; of uint8 through a table in shared memory.
DEVICE float gray_lightness(uint8 value, const float* table) { return table[value]; }
template <class T> DEVICE float gray_lightness(T value, const float* table) {
  return lightness(linear_of(value, table));
}

// A channel of linear light as it is to be stored.
DEVICE void encode_to(float linear, uint8& x) { x = (uint8)(int)(encode(linear) * 255.0f + HALF); }
DEVICE void encode_to(float linear, uint16& x) { x = (uint16)(int)(encode(linear) * 65535.0f + HALF); }
DEVICE void encode_to(float linear, float16& x) { from_float(encode(linear), x); }
DEVICE void encode_to(float linear, float32& x) { x = encode(linear); }

// Pictures of uint8 are read through tables; other integers are pictures as well.
template <class T> struct Is { static const bool byte = false, integer = false; };
template <> struct Is<uint8> { static const bool byte = true, integer = true; };
template <> struct Is<uint16> { static const bool byte = false, integer = true; };

DEVICE void fill_table(float* shared, const float* table) {
  int threads = blockDim.x * blockDim.y;
  for (int i = threadIdx.y * blockDim.x + threadIdx.x; i < 256; i += threads) shared[i] = table[i];
  __syncthreads();
}
