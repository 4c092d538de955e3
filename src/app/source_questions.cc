#include "app/source_questions.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "authoring/explain.h"
#include "authoring/source_look.h"
#include "authoring/spec_comparison.h"
#include "base/shared_places.h"
#include "engine/run/preview.h"
#include "engine/run/run_inputs.h"

namespace headwater::app {
namespace {

constexpr std::chrono::seconds kTimeMax{60};

// What a question needs beside the draft. Outlived by all of it.
struct Parts {
  run::SourceAccess& access;
  store::Store& store;
  store::Credentials& credentials;
};

run::SourceDocuments documents_of(const Parts& parts, const api::SourceDraft& draft) {
  run::SourceDocuments documents;
  documents.connection_spec = draft.connection_spec;
  documents.auth = draft.auth;
  documents.params = draft.params;
  documents.account = draft.account;
  documents.keep_tokens = draft.account.empty()
                              ? draft.keep_tokens
                              : run::keep_tokens_of(parts.store, parts.credentials, draft.account);
  return documents;
}

// Requests a stop when the time is over, unless it is destroyed before.
class Deadline {
 public:
  explicit Deadline(const std::stop_token& stop)
      : passed_on_(stop, [this] { source_.request_stop(); }), thread_([this](const std::stop_token& ended) {
          std::unique_lock lock(mutex_);
          if (!changed_.wait_for(lock, ended, kTimeMax, [] { return false; }) && !ended.stop_requested()) {
            is_over_ = true;
            source_.request_stop();
          }
        }) {}
  std::stop_token token() const { return source_.get_token(); }
  bool is_over() const { return is_over_; }

 private:
  std::stop_source source_;
  std::stop_callback<std::function<void()>> passed_on_;
  std::atomic<bool> is_over_ = false;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::jthread thread_;
};

class Places {
 public:
  // Queries take workers, too.
  explicit Places(std::size_t workers)
      : asked_(at_once(workers), std::max<std::size_t>(1, at_once(workers) - 1)) {}

  template <class Question>
  auto ask(const api::SourceDraft& draft, const std::stop_token& stop, const Question& question)
      -> decltype(question(stop)) {
    const auto place = asked_.take(draft.asker);
    if (!place) {
      Error busy{ErrorKind::rate_limited, "Too many sources are being asked at once; ask again in a moment."};
      busy.retry_after = std::chrono::seconds(1);
      return busy;
    }
    const Deadline deadline(stop);
    auto answer = question(deadline.token());
    if (!answer && deadline.is_over())
      return Error{ErrorKind::timeout, "The source was given " + std::to_string(kTimeMax.count()) +
                                           " seconds, and has not answered."};
    return answer;
  }

 private:
  static std::size_t at_once(std::size_t workers) { return std::max<std::size_t>(1, workers / 2); }
  SharedPlaces asked_;
};

}  // namespace

api::SourceQuestions source_questions(run::SourceAccess& access, store::Store& store,
                                      store::Credentials& credentials, std::size_t worker_threads,
                                      std::stop_token stop) {
  const Parts parts{access, store, credentials};
  const auto places = std::make_shared<Places>(worker_threads);  // Shared by the questions.
  api::SourceQuestions questions;
  questions.preview = [parts, places, stop](const api::SourceDraft& draft) {
    return places->ask(draft, stop, [&](const std::stop_token& until) -> Result<json::Value> {
      const auto preview = TRY(run::preview(parts.access, documents_of(parts, draft), {}, until));
      return run::encode(preview);
    });
  };
  questions.look = [parts, places, stop](const api::SourceDraft& draft) {
    return places->ask(draft, stop, [&](const std::stop_token& until) {
      return authoring::look_at_source(parts.access, documents_of(parts, draft), until);
    });
  };
  questions.explain = [parts](const api::SourceDraft& draft) -> Result<json::Value> {
    return authoring::encode(TRY(authoring::explain(parts.access, documents_of(parts, draft), {})));
  };
  questions.compare = [](const json::Value& before, const json::Value& after,
                         const std::vector<api::FlowOfSpec>& flows) {
    std::vector<authoring::FlowUse> uses;
    uses.reserve(flows.size());
    for (const auto& flow : flows)
      uses.push_back({flow.id, flow.name, flow.params, flow.auth_name, flow.sandbox});
    return authoring::encode(authoring::compare_for_publication(before, after), std::move(uses));
  };
  questions.probe = [parts, places, stop](const api::SourceDraft& draft, bool only_test_url) {
    run::ProbeOptions options;
    options.only_test_url = only_test_url;
    return places->ask(draft, stop, [&](const std::stop_token& until) {
      return run::probe_connection(parts.access, documents_of(parts, draft), options, until);
    });
  };
  questions.forget = [&access](const std::string& account) { access.forget(account); };
  return questions;
}

}  // namespace headwater::app
