// Which of k centres is nearest to points, exactly: twin of cpu_kmeans.scan and cpu_exact.decide.
// The nearest has the least |c|^2 - 2 c.x. Where float32 cannot tell the two best apart, float64
// decides, with ties to the lowest index. DIMENSIONS: of points and centres.
//
// Comparisons take longer than products. So the least score is found for groups of centres; the best
// group is looked at once more.
//
// |c|^2 and -2 c of as many centres as find room are held in shared memory, a tile of them; threads
// of a block go through the tiles together.
#pragma once
#include "wide.cuh"

#define ROOM 2048
#define COEFFICIENTS (DIMENSIONS + 1)
#define GROUP (DIMENSIONS == 1 ? 2 : 4)  // with four, the assembler spills
#define TILE (ROOM / COEFFICIENTS / GROUP * GROUP)
// Points of a thread: the more, the fewer reads of a tile, until registers run out.
#define EACH (DIMENSIONS > 4 ? 1 : 4)
#define HUGE 3e38f

struct Centers {
  const float64* exact;
  int k;
  float reach;  // the largest |c|, rounded up
};

// The coordinates of a thread's points.
template <int N> struct Held { float at[DIMENSIONS][N]; };
template <int N> struct Best { float low[N], second[N]; int label[N]; };

// Fills up the last group with centres that no point is near.
DEVICE void fill_tile(float* tile, const Centers& centers, int first) {
  int count = min(TILE, (centers.k - first + GROUP - 1) / GROUP * GROUP) * COEFFICIENTS;
#pragma unroll 1
  for (int i = threadIdx.x; i < count; i += blockDim.x) {
    int j = i / COEFFICIENTS, d = i - j * COEFFICIENTS;
    const float64* center = centers.exact + (int64)(first + j) * DIMENSIONS;
    float64 value = 0;
    if (first + j >= centers.k) value = d > 0 ? 0 : HUGE;
    else if (d > 0) value = -2 * center[d - 1];
    else for (int n = 0; n < DIMENSIONS; n++) value += center[n] * center[n];
    tile[i] = (float)value;
  }
  __syncthreads();
}

struct Coefficients { float at[COEFFICIENTS]; };

DEVICE Coefficients load_center(const float* tile, int j) {
  Coefficients c;
  if (COEFFICIENTS == 4) {
    Four<float> four = load_four(tile + j * COEFFICIENTS);
#pragma unroll
    for (int d = 0; d < 4; d++) c.at[d % COEFFICIENTS] = four.at[d];
  } else {
#pragma unroll
    for (int d = 0; d < COEFFICIENTS; d++) c.at[d] = tile[j * COEFFICIENTS + d];
  }
  return c;
}

template <int N> DEVICE float score_of(const Coefficients& c, const Held<N>& x, int n) {
  float score = c.at[0];
#pragma unroll
  for (int d = 0; d < DIMENSIONS; d++) score = fmaf(c.at[d + 1], x.at[d][n], score);
  return score;
}

DEVICE void keep(float score, int j, float& low, float& second, int& label) {
  second = fminf(second, fmaxf(low, score));
  label = score < low ? j : label;
  low = fminf(low, score);
}

// Goes on from the best so far to the centres of a tile.
template <int N>
DEVICE void scan_tile(const float* tile, const Centers& centers, int first, const Held<N>& x, Best<N>& best) {
  int count = min(TILE, centers.k - first);
  float low[N], second[N];
  int group[N];
#pragma unroll
  for (int n = 0; n < N; n++) {
    low[n] = second[n] = HUGE;
    group[n] = 0;
  }
#pragma unroll 1
  for (int j = 0; j < count; j += GROUP) {
    float least[N];
#pragma unroll
    for (int g = 0; g < GROUP; g++) {
      Coefficients c = load_center(tile, j + g);
#pragma unroll
      for (int n = 0; n < N; n++) {
        float score = score_of(c, x, n);
        least[n] = g == 0 ? score : fminf(least[n], score);
      }
    }
#pragma unroll
    for (int n = 0; n < N; n++) keep(least[n], j, low[n], second[n], group[n]);
  }
#pragma unroll
  for (int n = 0; n < N; n++) best.second[n] = fminf(best.second[n], second[n]);
#pragma unroll(DIMENSIONS == 3 ? 1 : GROUP)  // else the assembler spills
  for (int g = 0; g < GROUP; g++) {
#pragma unroll
    for (int n = 0; n < N; n++) {
      int j = group[n] + g;
      keep(score_of(load_center(tile, j), x, n), first + j, best.low[n], best.second[n], best.label[n]);
    }
  }
}

template <int N> DEVICE float64 square_distance(const Held<N>& x, int n, const Centers& centers, int j) {
  const float64* center = centers.exact + (int64)j * DIMENSIONS;
  float64 distance = 0;
#pragma unroll
  for (int d = 0; d < DIMENSIONS; d++) {
    float64 gap = __dsub_rn((float64)x.at[d][n], center[d]);
    distance = __dadd_rn(distance, __dmul_rn(gap, gap));
  }
  return distance;
}

// How far apart two scores must be for float32 to be sure: see cpu_kmeans.doubt. The sum of |x_d| is
// no less than |x|. Infinite where a score may be too large for float32.
template <int N> DEVICE float doubt(const Held<N>& x, int n, float reach) {
  float extent = 0.0f;
#pragma unroll
  for (int d = 0; d < DIMENSIONS; d++) extent += fabsf(x.at[d][n]);
  float largest = reach * (reach + 2.0f * extent);
  return largest < 1e38f ? (4 * DIMENSIONS + 4) * 0x1p-24f * largest : __int_as_float(0x7f800000);
}

// The nearest centre of one point, in float64, among those whose score is no larger than `bound`:
// float32 is sure that the others are farther. All of them where the tile does not hold all.
DEVICE int decide(const float* tile, const Held<1>& x, const Centers& centers, float bound) {
  int at = -1;
  float64 low = 0;
#pragma unroll 1
  for (int j = 0; j < centers.k; j++) {
    if (centers.k <= TILE && score_of(load_center(tile, j), x, 0) > bound) continue;
    float64 distance = square_distance(x, 0, centers, j);
    if (at < 0 || distance < low) {
      at = j;
      low = distance;
    }
  }
  return at < 0 ? 0 : at;
}

// Writes the labels of points. All threads of a block must call it, and have the tile filled for
// centre 0 where all centres find room.
template <int N>
DEVICE void find_nearest(float* tile, const Centers& centers, const Held<N>& x, int (&labels)[N]) {
  Best<N> best;
#pragma unroll
  for (int n = 0; n < N; n++) {
    best.low[n] = best.second[n] = HUGE;
    best.label[n] = 0;
  }
#pragma unroll 1
  for (int first = 0; first < centers.k; first += TILE) {
    if (centers.k > TILE) {
      __syncthreads();
      fill_tile(tile, centers, first);
    }
    scan_tile(tile, centers, first, x, best);
  }
  unsigned doubtful = 0;
#pragma unroll
  for (int n = 0; n < N; n++) {
    labels[n] = best.label[n];
    float limit = doubt(x, n, centers.reach);
    if (!(best.second[n] - best.low[n] > limit)) doubtful |= 1u << n;
    best.low[n] += limit;
  }
  // Seldom entered, so the code is there once, for any of the points.
#pragma unroll 1
  for (int n = 0; doubtful >> n; n++)
    if (doubtful >> n & 1) {
      Held<1> one;
      float bound = best.low[0];
#pragma unroll
      for (int m = 0; m < N; m++) {
        bound = m == n ? best.low[m] : bound;
#pragma unroll
        for (int d = 0; d < DIMENSIONS; d++) one.at[d][0] = m == 0 || m == n ? x.at[d][m] : one.at[d][0];
      }
      int label = decide(tile, one, centers, bound);
#pragma unroll
      for (int m = 0; m < N; m++) labels[m] = m == n ? label : labels[m];
    }
}
