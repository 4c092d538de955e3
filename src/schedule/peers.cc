#include "schedule/peers.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/log.h"

namespace headwater::schedule {
namespace {

namespace fs = std::filesystem;

// Locks of files tell the truth about processes under one kernel only.
std::string this_host() {
  if (auto boot = read_file("/proc/sys/kernel/random/boot_id", 100)) {
    while (!boot->empty() && boot->back() == '\n') boot->pop_back();
    return *std::move(boot);
  }
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

}  // namespace

fs::path Peers::file_of(const std::string& id) const { return options_.folder / (id + ".lock"); }

Result<void> Peers::join() {
  if (!options_.folder.empty()) {
    TRY(make_folders(options_.folder, 0700));
    lock_ = TRY(FileLock::try_take(file_of(options_.self)));
    if (!lock_)
      return Error{ErrorKind::conflict,
                   "Another server process has the id " + options_.self + "; each start needs its own."};
  }
  joined_ = true;
  return beat();
}

Result<void> Peers::beat() {
  ++beat_;
  return store_.transact([this](store::Transaction& transaction) {
    return transaction.put_server({options_.self, this_host(), beat_});
  });
}

void Peers::leave() {
  if (!std::exchange(joined_, false)) return;
  const auto left = store_.transact(
      [this](store::Transaction& transaction) { return transaction.remove_server(options_.self); });
  if (!left) log::warn("the server could not sign off", {{"error", left.error().message}});
  std::error_code ignored;
  if (lock_) fs::remove(file_of(options_.self), ignored);
  lock_.reset();
}

bool Peers::is_dead(const std::string& owner, const std::vector<store::ServerBeat>& servers) {
  const auto known = std::find_if(servers.begin(), servers.end(),
                                  [&owner](const auto& server) { return server.id == owner; });
  if (known == servers.end()) return true;
  if (!options_.folder.empty() && known->host == this_host()) {
    const auto lock = FileLock::try_take(file_of(owner));
    if (lock && *lock) return true;
  }
  const auto now = std::chrono::steady_clock::now();
  const auto [seen, first] = seen_.try_emplace(owner, Seen{known->beat, now});
  if (!first && seen->second.beat != known->beat) seen->second = {known->beat, now};
  return now - seen->second.since >= options_.lease;
}

Result<std::vector<store::FlowTimer>> Peers::take_over() {
  std::vector<store::FlowTimer> claims;
  std::vector<store::ServerBeat> servers;
  const auto look = [&](store::Transaction& transaction) -> Result<void> {
    claims = TRY(transaction.claimed_timers(""));
    servers = TRY(transaction.servers());
    return {};
  };
  TRY(store_.read(look));
  std::set<std::string> dead;
  for (const auto& server : servers)
    if (server.id != options_.self && is_dead(server.id, servers)) dead.insert(server.id);
  for (const auto& claim : claims)
    if (claim.owner != options_.self && is_dead(claim.owner, servers)) dead.insert(claim.owner);
  std::vector<store::FlowTimer> taken;
  const auto move_claims = [&](store::Transaction& transaction) -> Result<void> {
    taken.clear();
    for (const auto& claim : claims)
      if (dead.contains(claim.owner) &&
          TRY(transaction.take_over(claim.flow, claim.current_run, claim.owner, options_.self)))
        taken.push_back(claim);
    for (const auto& server : dead) TRY(transaction.remove_server(server));
    return {};
  };
  if (!dead.empty()) TRY(store_.transact(move_claims));
  std::error_code ignored;
  for (const auto& server : dead) {
    seen_.erase(server);
    if (!options_.folder.empty()) fs::remove(file_of(server), ignored);
  }
  for (auto& claim : taken)
    log::info("took over the run of a server that is gone",
              {{"run", claim.current_run.value}, {"flow", claim.flow.value}, {"server", claim.owner}});
  return taken;
}

}  // namespace headwater::schedule
