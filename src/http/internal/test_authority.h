#pragma once

// For tests of this room: an authority made for the occasion, and what it signs.

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>

#include "base/file.h"

namespace headwater::http::testing {

class TestAuthority {
 public:
  TestAuthority() {
    ca_key_ = EVP_EC_gen("P-256");
    ca_ = make("Test Authority", ca_key_, nullptr, "critical,CA:TRUE", nullptr);
    server_key_ = EVP_EC_gen("P-256");
    server_ = make("localhost", server_key_, ca_, nullptr, "DNS:localhost,IP:127.0.0.1");
    client_key_ = EVP_EC_gen("P-256");
    client_ = make("A client", client_key_, ca_, nullptr, nullptr);
    save(ca_file(), ca_);
    save(client_certificate_file(), client_);
    std::FILE* file = std::fopen(client_key_file().c_str(), "w");
    if (file == nullptr) throw std::runtime_error("a key cannot be kept");
    PEM_write_PrivateKey(file, client_key_, nullptr, nullptr, 0, nullptr, nullptr);
    std::fclose(file);
  }
  ~TestAuthority() {
    for (X509* certificate : {ca_, server_, client_}) X509_free(certificate);
    for (EVP_PKEY* key : {ca_key_, server_key_, client_key_}) EVP_PKEY_free(key);
    SSL_CTX_free(context_);
  }
  TestAuthority(const TestAuthority&) = delete;
  TestAuthority& operator=(const TestAuthority&) = delete;

  std::string ca_file() const { return (folder_.path() / "ca.pem").string(); }
  std::string client_certificate_file() const { return (folder_.path() / "client.pem").string(); }
  std::string client_key_file() const { return (folder_.path() / "client.key").string(); }

  /// For one peer; lives as long as the authority.
  SSL_CTX* server(bool asks_for_client) const {
    context_ = SSL_CTX_new(TLS_server_method());
    SSL_CTX_use_certificate(context_, server_);
    SSL_CTX_use_PrivateKey(context_, server_key_);
    if (asks_for_client) {
      X509_STORE_add_cert(SSL_CTX_get_cert_store(context_), ca_);
      SSL_CTX_set_verify(context_, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    }
    return context_;
  }

 private:
  X509* make(const char* name, EVP_PKEY* key, X509* issuer, const char* constraints, const char* names) {
    X509* certificate = X509_new();
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial_);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 86'400);
    X509_set_pubkey(certificate, key);
    X509_NAME* subject = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(name), -1,
                               -1, 0);
    X509_set_issuer_name(certificate, issuer != nullptr ? X509_get_subject_name(issuer) : subject);
    const auto extend = [certificate](int kind, const char* value) {
      if (value == nullptr) return;
      X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, value);
      X509_add_ext(certificate, extension, -1);
      X509_EXTENSION_free(extension);
    };
    extend(NID_basic_constraints, constraints);
    extend(NID_subject_alt_name, names);
    X509_sign(certificate, ca_key_, EVP_sha256());
    return certificate;
  }

  static void save(const std::string& path, X509* certificate) {
    std::FILE* file = std::fopen(path.c_str(), "w");
    if (file == nullptr) throw std::runtime_error("a key cannot be kept");
    PEM_write_X509(file, certificate);
    std::fclose(file);
  }

  TemporaryFolder folder_ = std::move(*TemporaryFolder::make("headwater-http-test"));
  long serial_ = 0;
  EVP_PKEY* ca_key_ = nullptr;
  EVP_PKEY* server_key_ = nullptr;
  EVP_PKEY* client_key_ = nullptr;
  X509* ca_ = nullptr;
  X509* server_ = nullptr;
  X509* client_ = nullptr;
  mutable SSL_CTX* context_ = nullptr;
};

}  // namespace headwater::http::testing
