// Formulae of k-means in single steps of IEEE arithmetic: twin of cpu_exact.py, where they are
// explained. The intrinsics round once each and are never fused, so the bits are the CPU's.
#pragma once
#include "pixel.cuh"
#include "wide.cuh"

struct Exact {
  float value;
  __device__ Exact(float x) : value(x) {}
};

DEVICE Exact operator+(Exact a, Exact b) { return __fadd_rn(a.value, b.value); }
DEVICE Exact operator-(Exact a, Exact b) { return __fsub_rn(a.value, b.value); }
DEVICE Exact operator*(Exact a, Exact b) { return __fmul_rn(a.value, b.value); }
DEVICE Exact operator/(Exact a, Exact b) { return __fdiv_rn(a.value, b.value); }

constexpr int CUBIC_MAGIC = 0x54A2FA8C;
constexpr float CUBIC_2 = 0x1.c71c72p-3f, CUBIC_3 = 0x1.61f9aep-3f;  // 2 / 9 and 14 / 81

DEVICE Exact exact_cube_root(Exact x) {
  Exact part = Exact((float)__float_as_int(x.value)) * THIRD;
  Exact r = __int_as_float(CUBIC_MAGIC - (int)part.value);
  Exact e = Exact(ONE) - x * r * r * r;
  r = r + r * e * (Exact(THIRD) + e * (Exact(CUBIC_2) + e * CUBIC_3));
  e = Exact(ONE) - x * r * r * r;
  r = r + r * e * (Exact(THIRD) + e * CUBIC_2);
  return x * r * r;
}

DEVICE Color exact_luv(Exact r, Exact g, Exact b) {
  Exact y = Exact(Y_R) * r + Exact(Y_G) * g + Exact(Y_B) * b;
  Exact root = exact_cube_root(fmaxf(y.value, TINY));
  Exact light = y.value > EPSILON ? Exact(C116) * root - SIXTEEN : Exact(KAPPA) * y;
  Exact share = light / (Exact(D_R) * r + Exact(D_G) * g + Exact(D_B) * b + TINY);
  Exact u = (Exact(U_R) * r + Exact(U_G) * g + Exact(U_B) * b) * share;
  Exact v = (Exact(V_R) * r + Exact(V_G) * g + Exact(V_B) * b) * share;
  return {light.value, u.value, v.value};
}

DEVICE float on_grid(float x, float middle, float scale, float step) {
  return (Exact(rintf(((Exact(x) - middle) * scale).value)) * step).value;
}
