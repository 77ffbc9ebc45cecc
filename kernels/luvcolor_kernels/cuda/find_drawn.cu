// The points that were drawn by weight: for each, in which 1024 neighbours it is (its part), and how
// much of their weight comes before it at most. WEIGHT: type of weights.
#include "wide.cuh"

#define PART 1024

KERNEL void __launch_bounds__(256)
find_drawn(const WEIGHT* __restrict__ weights, const int64* __restrict__ parts,
           const int64* __restrict__ rests, int64* __restrict__ indices, int64 count, int64 number) {
  int64 all = (int64)gridDim.x * blockDim.x;
  for (int64 i = (int64)blockIdx.x * blockDim.x + threadIdx.x; i < number; i += all) {
    int64 at = parts[i] * PART, rest = rests[i];
    while (at + 1 < count && rest >= weights[at]) rest -= weights[at++];
    indices[i] = at;
  }
}
