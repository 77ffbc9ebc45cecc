// Replays launches with an OS thread for every CUDA thread and two blocks at once, for the address,
// undefined-behaviour and thread sanitizers. A program: replay LAUNCHES RESULTS. Every array is
// allocated at its exact size, so that the bytes next to it are out of bounds.
#include "emulation.h"

#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

using Runner = const char*(const Launch*, void**);
extern Runner* const RUNNERS[];

thread_local Where here;
Launch running;

namespace {

// Not std::barrier: what it shares with other barriers would hide races between blocks.
class Barrier {
 public:
  explicit Barrier(unsigned threads) : threads(threads) {}

  void wait() {
    std::unique_lock<std::mutex> lock(mutex);
    unsigned now = round;
    if (++arrived >= threads) open();
    else changed.wait(lock, [&] { return round != now; });
  }

  void leave() {
    std::unique_lock<std::mutex> lock(mutex);
    threads--;
    if (threads && arrived >= threads) open();
  }

 private:
  std::mutex mutex;
  std::condition_variable changed;
  unsigned threads, arrived = 0, round = 0;

  void open() {
    arrived = 0;
    round++;
    changed.notify_all();
  }
};

thread_local Barrier* barrier;

void start_block(std::vector<std::thread>& threads, Barrier& shared, unsigned number, Thread kernel,
                 void** values) {
  for (unsigned i = 0; i < running.block.x * running.block.y; i++)
    threads.emplace_back([&shared, i, number, kernel, values] {
      here = {{i % running.block.x, i / running.block.x},
              {number % running.grid.x, number / running.grid.x}};
      barrier = &shared;
      kernel(values);
      shared.leave();
    });
}

class File {
 public:
  File(const char* name, const char* mode) : file(fopen(name, mode)) { check(file != nullptr); }
  ~File() { fclose(file); }

  int64_t number() {
    int64_t value;
    read(&value, sizeof value);
    return value;
  }
  void read(void* to, size_t size) { check(fread(to, 1, size, file) == size); }
  void write(const void* from, size_t size) { check(fwrite(from, 1, size, file) == size); }

 private:
  FILE* file;

  static void check(bool good) {
    if (good) return;
    fputs("replay: cannot read or write a file of launches\n", stderr);
    exit(2);
  }
};

struct Free {
  void operator()(char* memory) const { free(memory); }
};

// A launch's argument: eight bytes, or an array and where in it the kernel is pointed to.
struct Argument {
  std::unique_ptr<char, Free> memory;
  char* bytes = nullptr;
  size_t size = 0;
  int64_t value = 0;

  explicit Argument(File& file) {
    if (!file.number()) {
      value = file.number();
      return;
    }
    size = (size_t)file.number();
    int64_t misaligned = file.number(), offset = file.number();
    void* start = nullptr;
    if (posix_memalign(&start, 64, size + misaligned)) exit(2);
    memory.reset((char*)start);
    bytes = memory.get() + misaligned;
    file.read(bytes, size);
    value = (int64_t)(bytes + offset);
  }
};

void replay(File& launches, File& results) {
  Runner* runner = RUNNERS[launches.number()];
  unsigned sizes[4];
  for (unsigned& size : sizes) size = (unsigned)launches.number();
  Launch launch = {{sizes[0], sizes[1]}, {sizes[2], sizes[3]}, {0, 0}, {sizes[0], sizes[1]}, 0};
  int64_t count = launches.number();
  std::vector<Argument> arguments;
  for (int64_t i = 0; i < count; i++) arguments.emplace_back(launches);
  std::vector<void*> values;
  for (Argument& argument : arguments) values.push_back(&argument.value);
  runner(&launch, values.data());
  for (Argument& argument : arguments)
    if (argument.size) results.write(argument.bytes, argument.size);
}

}  // namespace

void wait_for_block(int) { barrier->wait(); }

const char* run_grid(const Launch& launch, Thread kernel, Thread other, void** values) {
  running = launch;
  unsigned blocks = launch.grid.x * launch.grid.y, threads = launch.block.x * launch.block.y;
  for (unsigned number = 0; number < blocks; number += 2) {
    Barrier one(threads), two(threads);
    std::vector<std::thread> started;
    start_block(started, one, number, kernel, values);
    if (number + 1 < blocks) start_block(started, two, number + 1, other, values);
    for (std::thread& thread : started) thread.join();
  }
  return nullptr;
}

int main(int count, char** names) {
  if (count != 3) return 2;
  File launches(names[1], "rb"), results(names[2], "wb");
  for (int64_t left = launches.number(); left > 0; left--) replay(launches, results);
  return 0;
}
