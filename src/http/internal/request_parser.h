#pragma once

#include <algorithm>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/field.hpp>
#include <optional>

#include "http/internal/message.h"
#include "http/server.h"
#include "json/record.h"

namespace headwater::http {

constexpr std::uint32_t kHeaderBytesMax = 64U << 10;

/// Beast's grammar of a request, read straight into ours: Beast's own message would allocate each field,
/// sort it, and be copied then.
class RequestParser final : public boost::beast::http::basic_parser<true> {
 public:
  using ErrorCode = boost::system::error_code;
  using Text = boost::beast::string_view;

  explicit RequestParser(Request& request) : request_(request) {
    // The route, which the header names, decides.
    body_limit(boost::none);
    header_limit(kHeaderBytesMax);
  }

  bool knows_method() const { return knows_method_; }
  bool http10() const { return http10_; }
  /// False when the body travels in a coding that would have to be undone.
  bool only_chunked() const { return only_chunked_; }
  std::size_t hosts() const { return hosts_; }
  bool expects_continue() const { return expects_continue_; }
  /// Body bytes received.
  std::uint64_t received() const { return received_; }

 private:
  static constexpr std::size_t kReserveMax = 1U << 20;  // an announced length alone takes no more memory

  void on_request_impl(boost::beast::http::verb /*verb*/, Text method, Text target, int version,
                       ErrorCode& /*code*/) override {
    const auto known = headwater::http::parse_method(std::string_view(method.data(), method.size()));
    knows_method_ = known.has_value();
    request_.method = known.value_or(Method::get);
    request_.target.assign(target.data(), target.size());
    http10_ = version < 11;
    request_.headers.reserve(8);
  }
  void on_response_impl(int /*status*/, Text /*reason*/, int /*version*/, ErrorCode& /*code*/) override {}
  void on_field_impl(boost::beast::http::field name, Text name_text, Text value, ErrorCode& code) override {
    // Beast's own limit starts anew with each field when they come one by one.
    header_bytes_ += name_text.size() + value.size() + 4;
    if (header_bytes_ > kHeaderBytesMax) code = make_error_code(boost::beast::http::error::header_limit);
    if (header_done_) return;  // trailers
    using boost::beast::http::field;
    if (name == field::host) ++hosts_;
    if (name == field::transfer_encoding)
      only_chunked_ = only_chunked_ && boost::beast::iequals(value, "chunked");
    if (name == field::expect) expects_continue_ = boost::beast::iequals(value, "100-continue");
    request_.headers.emplace_back(std::piecewise_construct,
                                  std::forward_as_tuple(name_text.data(), name_text.size()),
                                  std::forward_as_tuple(value.data(), value.size()));
  }
  void on_header_impl(ErrorCode& /*code*/) override { header_done_ = true; }
  void on_body_init_impl(const boost::optional<std::uint64_t>& length, ErrorCode& /*code*/) override {
    const auto announced = static_cast<std::size_t>(std::min<std::uint64_t>(length.value_or(0), kReserveMax));
    request_.body.reserve(announced + json::RecordParser::kPadding);
  }
  std::size_t take(Text body) {
    received_ += body.size();
    request_.body.append(body.data(), body.size());
    return body.size();
  }
  std::size_t on_body_impl(Text body, ErrorCode& /*code*/) override { return take(body); }
  void on_chunk_header_impl(std::uint64_t /*size*/, Text /*extensions*/, ErrorCode& /*code*/) override {}
  std::size_t on_chunk_body_impl(std::uint64_t /*left*/, Text body, ErrorCode& /*code*/) override {
    return take(body);
  }
  void on_finish_impl(ErrorCode& /*code*/) override {
    if (!request_.body.empty()) request_.body.reserve(request_.body.size() + json::RecordParser::kPadding);
  }

  Request& request_;
  std::uint64_t received_ = 0;
  std::size_t header_bytes_ = 0;
  std::size_t hosts_ = 0;
  bool knows_method_ = false;
  bool http10_ = false;
  bool expects_continue_ = false;
  bool only_chunked_ = true;
  bool header_done_ = false;
};

}  // namespace headwater::http
