// A slow disk for a program that syncs with fdatasync: LD_PRELOAD=libslow_sync.so SLOW_SYNC_US=1000 PROGRAM
#include <dlfcn.h>
#include <unistd.h>

#include <cstdlib>

extern "C" int fdatasync(int file) {
  using Sync = int (*)(int);
  static const auto real = reinterpret_cast<Sync>(::dlsym(RTLD_NEXT, "fdatasync"));
  static const char* added = std::getenv("SLOW_SYNC_US");
  const int done = real(file);
  if (added != nullptr) ::usleep(static_cast<useconds_t>(std::atoi(added)));
  return done;
}
