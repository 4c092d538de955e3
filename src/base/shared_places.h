#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace headwater {

/// What may go on at once, shared out between those who ask for it: `all` together, `each` for one of them,
/// so that who takes all they can leaves something to the others. Thread-safe; outlives its places.
class SharedPlaces {
 public:
  SharedPlaces(std::size_t all, std::size_t each) : all_(all), each_(each) {}

  /// Held until it is destroyed.
  class Place {
   public:
    Place(Place&& other) noexcept : places_(other.places_), holder_(other.holder_) {
      other.places_ = nullptr;
    }
    Place& operator=(Place&&) = delete;
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    ~Place() {
      if (places_ != nullptr) places_->give_back(holder_);
    }

   private:
    friend class SharedPlaces;
    using Holder = std::map<std::string, std::size_t, std::less<>>::iterator;
    Place(SharedPlaces& places, Holder holder) : places_(&places), holder_(holder) {}
    SharedPlaces* places_;
    Holder holder_;
  };

  /// nullopt when there is none left, or none for this holder. Does not wait.
  std::optional<Place> take(std::string_view holder) {
    const std::lock_guard lock(mutex_);
    if (taken_ >= all_) return std::nullopt;
    const auto found = held_.try_emplace(std::string(holder), 0).first;
    if (found->second >= each_) return std::nullopt;
    ++found->second;
    ++taken_;
    return Place(*this, found);
  }

 private:
  void give_back(Place::Holder holder) {
    const std::lock_guard lock(mutex_);
    --taken_;
    if (--holder->second == 0) held_.erase(holder);
  }

  const std::size_t all_, each_;
  std::mutex mutex_;
  std::size_t taken_ = 0;
  std::map<std::string, std::size_t, std::less<>> held_;
};

}  // namespace headwater
