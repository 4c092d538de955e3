#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "http/client.h"
#include "http/internal/raw_peer.h"

// What the tests of the client have in common: options that reach loopback, requests and answers.
namespace headwater::http {

inline ClientOptions local_options() {
  ClientOptions options;
  options.egress.allowed.push_back(*Network::parse("127.0.0.0/8"));
  options.egress.allowed.push_back(*Network::parse("::1/128"));
  return options;
}

inline ClientRequest get(const std::string& url) {
  return ClientRequest{"GET", *Url::parse(url), Headers{}, ""};
}

inline testing::Reply answer(const std::string& body, testing::Reply::Then then = testing::Reply::Then::keep,
                             const std::string& more = "") {
  return testing::Reply{
      "HTTP/1.1 200 OK\r\n" + more + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body,
      then};
}

class HttpClientTest : public ::testing::Test {
 protected:
  void use(ClientOptions options) { client_ = std::move(*Client::make(std::move(options))); }
  Result<TransferStats> fetch(const std::string& url, StringSink& sink) {
    return client_->send(get(url), sink, {});
  }
  Error failure(const std::string& url) {
    StringSink sink;
    auto result = fetch(url, sink);
    if (!result) return result.error();
    ADD_FAILURE() << "succeeded: " << sink.text.substr(0, 100);
    return Error{ErrorKind::conflict, ""};
  }

  std::unique_ptr<Client> client_ = std::move(*Client::make(local_options()));
};

}  // namespace headwater::http
