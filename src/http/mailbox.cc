#include "http/internal/mailbox.h"

#include <boost/asio/post.hpp>

namespace headwater::http {

void Mailbox::put(std::shared_ptr<Arrival> arrival) {
  const std::lock_guard lock(mutex_);
  if (closed_) return;
  waiting_.push_back(std::move(arrival));
  if (waiting_.size() > 1) return;  // the loop has been called already
  // Under the lock: after close() there may be no loop.
  boost::asio::post(context_, [self = shared_from_this()] { self->hand_out(); });
}

void Mailbox::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  waiting_.clear();
}

void Mailbox::hand_out() {
  {
    const std::lock_guard lock(mutex_);
    handing_out_.swap(waiting_);
  }
  for (const auto& arrival : handing_out_) arrival->wake();
  handing_out_.clear();
}

}  // namespace headwater::http
