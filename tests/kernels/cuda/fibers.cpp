// Runs the threads of a block in turns, each up to the next barrier. Deterministic, and what breaks
// the rules is an error: barriers that some threads pass by, and what the compiler's checks report.
#include <sys/mman.h>
#include <ucontext.h>

#include <cstdio>
#include <cstring>
#include <utility>
#include <vector>

#define FIBERS
#include "emulation.h"

#ifdef __SSE__
#include <xmmintrin.h>
#endif

Where here;
Launch running;

extern "C" char __start_shared_memory[] __attribute__((weak, visibility("hidden")));
extern "C" char __stop_shared_memory[] __attribute__((weak, visibility("hidden")));

namespace {

enum State { READY, WAITING, DONE };

struct Fiber {
  ucontext_t context;
  State state;
  int line;  // of the barrier it waits at
};

const size_t STACK = 64 << 10;
const int MOST = 1024;

Fiber fibers[MOST];
char* stacks;
ucontext_t scheduler;
int current;
Thread kernel;
void** arguments;
char problem[200];

[[gnu::format(printf, 1, 2)]] void blame(const char* form, ...) {
  if (*problem) return;
  int length = snprintf(problem, sizeof problem, "block (%u, %u): ", here.block.x, here.block.y);
  __builtin_va_list values;
  __builtin_va_start(values, form);
  vsnprintf(problem + length, sizeof problem - length, form, values);
  __builtin_va_end(values);
}

void give_up_turn(State state, int line) {
  fibers[current].state = state;
  fibers[current].line = line;
  swapcontext(&fibers[current].context, &scheduler);
}

void live() {
  kernel(arguments);
  give_up_turn(DONE, 0);
}

std::vector<unsigned> in_order(unsigned count, int order, unsigned seed) {
  std::vector<unsigned> numbers(count);
  for (unsigned i = 0; i < count; i++) numbers[i] = order == 1 ? count - 1 - i : i;
  unsigned state = seed * 2654435761u + order;
  for (unsigned i = count; order > 1 && i > 1; i--) {
    state = state * 1664525u + 1013904223u;
    std::swap(numbers[i - 1], numbers[(state >> 8) % i]);
  }
  return numbers;
}

void start(int threads) {
  if (!stacks)
    stacks = (char*)mmap(nullptr, STACK * MOST, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  for (int i = 0; i < threads; i++) {
    getcontext(&fibers[i].context);
    fibers[i].context.uc_stack.ss_sp = stacks + STACK * i;
    fibers[i].context.uc_stack.ss_size = STACK;
    fibers[i].context.uc_link = nullptr;
    fibers[i].state = READY;
    makecontext(&fibers[i].context, live, 0);
  }
}

// Once every thread has left or waits: whether any is left, all of them at one barrier.
bool released(int threads) {
  int waiting = 0;
  for (int i = 0; i < threads; i++) waiting += fibers[i].state == WAITING;
  if (!waiting) return false;
  if (waiting < threads) blame("%d of %d threads never come to a barrier", threads - waiting, threads);
  for (int i = 0; i < threads; i++) {
    if (fibers[i].line != fibers[0].line)
      blame("line %d: some threads wait here, others elsewhere", fibers[i].line);
    fibers[i].state = READY;
  }
  return true;
}

void run_block() {
  int threads = running.block.x * running.block.y;
  if (__start_shared_memory)  // what no thread wrote is NaN, or -1
    memset(__start_shared_memory, 0xff, __stop_shared_memory - __start_shared_memory);
  start(threads);
  std::vector<unsigned> turns = in_order(threads, running.order, here.block.x + 7 * here.block.y);
  do {
    for (unsigned turn : turns) {
      if (fibers[turn].state != READY) continue;
      current = (int)turn;
      here.thread = {turn % running.block.x, turn / running.block.x};
      swapcontext(&scheduler, &fibers[turn].context);
      if (*problem) return;
    }
  } while (released(threads) && !*problem);
}

}  // namespace

void wait_for_block(int line) { give_up_turn(WAITING, line); }

const char* run_grid(const Launch& launch, Thread first, Thread, void** values) {
  running = launch;
  kernel = first;
  arguments = values;
  *problem = 0;
#ifdef __SSE__
  unsigned before = _mm_getcsr();
  _mm_setcsr(before | 0x8040);  // floats below 2 ** -126 are 0, as where CuPy compiles
#endif
  Size blocks = {launch.to.x - launch.from.x, launch.to.y - launch.from.y};
  for (unsigned i : in_order(blocks.x * blocks.y, launch.order, 1)) {
    here.block = {launch.from.x + i % blocks.x, launch.from.y + i / blocks.x};
    run_block();
    if (*problem) break;
  }
#ifdef __SSE__
  _mm_setcsr(before);
#endif
  return *problem ? problem : nullptr;
}

// What the compiler's checks (-fsanitize) call: here they end the kernel instead of the process.
struct Place { const char* file; unsigned line, column; };

#define CHECK(name, message)                                            \
  extern "C" void __ubsan_handle_##name(Place* place, void*, void*) {   \
    blame("line %u: %s", place->line, message);                         \
    give_up_turn(DONE, 0);                                              \
  }

CHECK(type_mismatch_v1, "misaligned access")
CHECK(out_of_bounds, "index beyond an array")
CHECK(add_overflow, "overflow of a sum")
CHECK(sub_overflow, "overflow of a difference")
CHECK(mul_overflow, "overflow of a product")
CHECK(negate_overflow, "overflow of a negation")
CHECK(divrem_overflow, "division by zero")
CHECK(shift_out_of_bounds, "shift too far")
CHECK(float_cast_overflow, "float too large for an integer")
