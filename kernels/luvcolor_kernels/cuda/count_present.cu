// How many different colours each part of a table has: 4096 neighbours. Eight parts for each turn of
// a block. COUNT: type of the table.
#include "wide.cuh"

#define THREADS 256
#define EACH 16
#define PARTS 8

KERNEL void __launch_bounds__(256)
count_present(const COUNT* __restrict__ table, int32* __restrict__ found, int64 parts) {
  __shared__ int totals[PARTS];
  for (int64 first = (int64)blockIdx.x * PARTS; first < parts; first += (int64)gridDim.x * PARTS) {
    int count = parts - first < PARTS ? (int)(parts - first) : PARTS;
    if (threadIdx.x < PARTS) totals[threadIdx.x] = 0;
    __syncthreads();
#pragma unroll 1
    for (int part = 0; part < count; part++) {
      const COUNT* from = table + (first + part) * EACH * THREADS + threadIdx.x;
      int own = 0;
#pragma unroll
      for (int i = 0; i < EACH; i++) own += from[i * THREADS] != 0;
      if (own) atomicAdd(totals + part, own);
    }
    __syncthreads();
    if (threadIdx.x < count) found[first + threadIdx.x] = totals[threadIdx.x];
    __syncthreads();
  }
}
