#include "http/internal/loop.h"

#include <ctime>

#include "base/time.h"
#include "http/internal/connection.h"

namespace headwater::http {

void Loop::sweep_every(std::chrono::milliseconds span) {
  if (!sweeping_) return;
  sweep_.expires_after(span);
  sweep_.async_wait([this, span](const boost::system::error_code& code) {
    if (code || !sweeping_) return;
    const auto now = std::chrono::steady_clock::now();
    // abort() only cancels: no connection leaves the set within this loop.
    for (auto* connection : connections) {
      connection->look_after_client();
      if (now > connection->deadline()) connection->abort();
    }
    sweep_every(span);
  });
}

void Loop::stop_sweeping() {
  sweeping_ = false;
  sweep_.cancel();
}

std::string_view Loop::date() {
  if (const std::int64_t second = std::time(nullptr); second != date_second_) {
    date_second_ = second;
    date_ = format_http_date(from_epoch_seconds(second));
  }
  return date_;
}

}  // namespace headwater::http
