// The binary against servers that we did not write: json-server, WordPress, oidc-provider, Node's HTTP/2.
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "base/file.h"
#include "json/value.h"
#include "support/child_process.h"

namespace headwater::testing {
namespace {

const std::string kBinary = HEADWATER_BINARY;
const std::string kServers = HEADWATER_SOURCE_DIR "/tests/servers";

json::Value parsed(const std::string& text) {
  auto value = json::parse(text);
  EXPECT_TRUE(value) << text.substr(0, 200);
  return value ? *std::move(value) : json::Value();
}

std::vector<json::Value> records(const std::string& ndjson) {
  std::vector<json::Value> out;
  std::istringstream lines(ndjson);
  for (std::string line; std::getline(lines, line);) out.push_back(parsed(line));
  return out;
}

std::set<std::int64_t> ids(const std::vector<json::Value>& all, const std::string& path) {
  std::set<std::int64_t> out;
  for (const auto& record : all) {
    const auto* id = record.find_path(path);
    EXPECT_NE(id, nullptr) << record.dump();
    if (id != nullptr) out.insert(id->as_int64().value_or(-1));
  }
  return out;
}

class RealServers : public ::testing::Test {
 protected:
  void SetUp() override {
    auto made = TemporaryFolder::make("headwater-e2e-");
    ASSERT_TRUE(made);
    folder_.emplace(*std::move(made));
  }

  std::string write(const std::string& name, const json::Value& document) {
    const auto path = folder_->path() / name;
    std::ofstream(path) << document.dump();
    return path.string();
  }

  Finished headwater(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), kBinary);
    arguments.insert(arguments.end(), {"--allow-network", "127.0.0.0/8"});
    return run_program(arguments);
  }

  static json::Value spec(json::Value auth_spec, json::Value attributes) {
    return json::Object{
        {"name", "real"},
        {"type", "generic-rest"},
        {"providerId", "0ed90a81-07f4-4586-8190-b40eccef1c5a"},
        {"version", "1.0"},
        {"authSpec", std::move(auth_spec)},
        {"sourceSpec",
         json::Object{{"attributes", std::move(attributes)},
                      {"spec", json::Object{{"type", "object"},
                                            {"properties",
                                             json::Object{{"shop", json::Object{{"type", "string"}}}}}}}}},
        {"exploreSpec", json::Object{{"name", "Resource"}, {"type", "Resource"}}}};
  }

  std::optional<TemporaryFolder> folder_;
};

class JsonServer : public RealServers {
 protected:
  static constexpr int kCount = 230;

  void SetUp() override {
    RealServers::SetUp();
    json::Array orders;
    for (int i = 1; i <= kCount; ++i)
      orders.push_back(json::Object{{"id", i}, {"name", "order " + std::to_string(i)}});
    const std::string database = write("db.json", json::Object{{"orders", std::move(orders)}});
    const auto port = run_program({"node", "-e",
                                   "const "
                                   "s=require('net').createServer().listen(0,'127.0.0.1',()=>{console.log(s."
                                   "address().port);s.close()})"});
    port_ = port.output.substr(0, port.output.find('\n'));
    server_.emplace(std::vector<std::string>{"node", kServers + "/node_modules/json-server/lib/cli/bin.js",
                                             "--host", "127.0.0.1", "--port", port_, database});
    ASSERT_NE(server_->wait_for_line("  Home"), "") << server_->output();
  }

  // json-server without a content path: a root array of records.
  json::Value attributes(json::Value paging) const {
    return json::Object{
        {"urlParams",
         json::Object{{"host", "http://127.0.0.1:" + port_}, {"path", "/orders"}, {"method", "GET"}}},
        {"contentPath", json::Object{{"path", "$"}}},
        {"paginationParams", std::move(paging)}};
  }

  void expect_all(json::Value paging) {
    const auto file = write("spec.json", spec(json::Array{}, attributes(std::move(paging))));
    const auto done = headwater({"run", file});
    EXPECT_EQ(done.exit_code, 0) << done.errors;
    const auto all = records(done.output);
    EXPECT_EQ(all.size(), static_cast<std::size_t>(kCount));
    EXPECT_EQ(ids(all, "id").size(), static_cast<std::size_t>(kCount));
  }

  std::string port_;
  std::optional<ChildProcess> server_;
};

TEST_F(JsonServer, Offset) {
  expect_all(json::Object{
      {"type", "OFFSET"}, {"limitName", "_limit"}, {"limitValue", "50"}, {"offSetName", "_start"}});
}

TEST_F(JsonServer, Page) {
  expect_all(json::Object{{"type", "PAGE"},
                          {"limitName", "_limit"},
                          {"limitValue", 60},
                          {"pageParamName", "_page"},
                          {"initialPageIndex", 1}});
}

TEST_F(JsonServer, Preview) {
  const auto file = write(
      "spec.json",
      spec(json::Array{},
           attributes(json::Object{
               {"type", "OFFSET"}, {"limitName", "_limit"}, {"limitValue", 5}, {"offSetName", "_start"}})));
  const auto done = headwater({"preview", file, "--json"});
  ASSERT_EQ(done.exit_code, 0) << done.errors;
  const auto preview = parsed(done.output);
  EXPECT_EQ(preview.string_at("format"), "hierarchical");
  EXPECT_EQ(preview.find("data")->if_array()->size(), 5U);
  EXPECT_EQ(preview.find_path("schema.properties.id")->string_at("type"), "integer");
}

TEST_F(JsonServer, ParquetFileAppearsWhole) {
  const auto file = write(
      "spec.json",
      spec(json::Array{},
           attributes(json::Object{
               {"type", "OFFSET"}, {"limitName", "_limit"}, {"limitValue", 50}, {"offSetName", "_start"}})));
  const auto target = folder_->path() / "orders.parquet";
  const auto done = headwater({"run", file, "--to", target.string()});
  ASSERT_EQ(done.exit_code, 0) << done.errors;
  EXPECT_EQ(done.output, "");
  const auto bytes = read_file(target);
  ASSERT_TRUE(bytes);
  EXPECT_EQ(bytes->substr(0, 4), "PAR1");
}

TEST_F(RealServers, WordPressPagesByHeaderWithBasicAuth) {
  ChildProcess::Options options;
  options.error_file = (folder_->path() / "wordpress.log").string();
  ChildProcess server({kServers + "/wordpress-server", "57"}, options);
  const auto ready = parsed(server.wait_for_line("{", std::chrono::seconds(120)));
  ASSERT_TRUE(ready.is_object()) << *read_file(options.error_file);
  const std::string url(ready.string_at("url"));
  const auto auth_spec = json::Array{json::Object{
      {"name", "Basic"},
      {"type", "BasicAuthentication"},
      {"spec", json::Object{{"type", "object"},
                            {"properties", json::Object{{"host", json::Object{{"type", "string"}}},
                                                        {"username", json::Object{{"type", "string"}}},
                                                        {"password", json::Object{{"type", "string"},
                                                                                  {"format", "password"}}}}},
                            {"required", json::Array{"username", "password"}}}}}};
  const auto attributes = [](const char* route) {
    return json::Object{{"urlParams", json::Object{{"path", "/"},
                                                   {"method", "GET"},
                                                   {"queryParams", json::Object{{"rest_route", route},
                                                                                {"context", "edit"},
                                                                                {"orderby", "id"},
                                                                                {"order", "asc"}}}}},
                        {"contentPath", json::Object{{"path", "$"}}},
                        {"paginationParams", json::Object{{"type", "PAGE"},
                                                          {"limitName", "per_page"},
                                                          {"limitValue", "10"},
                                                          {"pageParamName", "page"},
                                                          {"initialPageIndex", 1},
                                                          {"endPageIndex", "headers.X-WP-TotalPages"}}},
                        {"scheduleParams", json::Object{{"scheduleStartParamName", "modified_after"},
                                                        {"scheduleEndParamName", "modified_before"},
                                                        {"scheduleStartParamFormat", "yyyy-MM-ddTHH:mm:ss"},
                                                        {"scheduleEndParamFormat", "yyyy-MM-ddTHH:mm:ss"}}}};
  };
  const auto file = write("spec.json", spec(auth_spec, attributes("/wp/v2/posts")));
  const auto account = [&](const std::string& password) {
    return write(
        "auth.json",
        json::Object{{"specName", "Basic"},
                     {"params", json::Object{{"host", url}, {"username", "admin"}, {"password", password}}}});
  };
  const std::string password(ready.string_at("password"));

  const auto all = headwater({"run", file, "--auth", account(password)});
  ASSERT_EQ(all.exit_code, 0) << all.errors;
  EXPECT_EQ(ids(records(all.output), "id").size(), 57U);

  const auto window = headwater({"run", file, "--auth", account(password), "--since", "2024-01-01T00:30:30Z",
                                 "--until", "2024-01-01T00:40:30Z"});
  ASSERT_EQ(window.exit_code, 0) << window.errors;
  EXPECT_EQ(records(window.output).size(), 10U);

  const auto refused = headwater({"run", file, "--auth", account("wrong-password-here")});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_EQ(refused.output, "");
  EXPECT_NE(refused.errors.find("401"), std::string::npos) << refused.errors;
  EXPECT_EQ(refused.errors.find("wrong-password-here"), std::string::npos);
}

TEST_F(RealServers, OidcRefreshTokensRotateInMidRun) {
  ChildProcess::Options options;
  options.error_file = (folder_->path() / "oidc.log").string();
  ChildProcess server({"node", kServers + "/oidc-server.mjs", "--items", "500", "--uses", "6"}, options);
  const auto ready = parsed(server.wait_for_line("{"));
  ASSERT_TRUE(ready.is_object()) << *read_file(options.error_file);
  const std::string issuer(ready.string_at("issuer"));
  const auto text = json::Object{{"type", "string"}};
  const auto auth_spec =
      json::Array{json::Object{{"name", "OAuth2 Refresh Code"},
                               {"type", "OAuth2RefreshCode"},
                               {"spec", json::Object{{"type", "object"},
                                                     {"properties", json::Object{{"host", text},
                                                                                 {"accessToken", text},
                                                                                 {"refreshToken", text},
                                                                                 {"accessTokenUrl", text},
                                                                                 {"clientId", text},
                                                                                 {"clientSecret", text}}},
                                                     {"required", json::Array{"accessToken"}}}}}};
  const auto file = write(
      "spec.json",
      spec(auth_spec, json::Object{{"urlParams", json::Object{{"path", "/items"}, {"method", "GET"}}},
                                   {"contentPath",
                                    json::Object{{"path", "$.items"}, {"overrideWrapperAttribute", "item"}}},
                                   {"paginationParams", json::Object{{"type", "OFFSET"},
                                                                     {"limitName", "limit"},
                                                                     {"limitValue", "50"},
                                                                     {"offSetName", "offset"},
                                                                     {"totalPath", "$.total"}}}}));
  const auto account =
      write("auth.json",
            json::Object{{"specName", "OAuth2 Refresh Code"},
                         {"params", json::Object{{"host", issuer},
                                                 {"accessToken", "expired-long-ago"},
                                                 {"refreshToken", ready.string_at("refresh_token")},
                                                 {"accessTokenUrl", issuer + "/token"},
                                                 {"clientId", ready.string_at("client_id")},
                                                 {"clientSecret", ready.string_at("client_secret")}}}});
  for (int round = 0; round < 2; ++round) {
    // The second round works only because the first one wrote the rotated refresh token back.
    const auto done = headwater({"run", file, "--auth", account});
    ASSERT_EQ(done.exit_code, 0) << done.errors;
    EXPECT_EQ(ids(records(done.output), "item.id").size(), 500U);
    EXPECT_EQ(done.errors.find(ready.string_at("client_secret")), std::string::npos);
  }
  const auto stats = parsed(run_program({"curl", "-s", issuer + "/stats"}).output);
  EXPECT_GE(stats.find("refreshes")->as_int64().value_or(0), 3);
  EXPECT_EQ(stats.find("reused")->as_int64().value_or(-1), 0) << "a dead refresh token was sent again";
}

// Over TLS with an authority of our own; the peer chooses HTTP/2 and how it compresses.
class Http2Server : public RealServers {
 protected:
  static constexpr int kCount = 230;

  void SetUp() override {
    RealServers::SetUp();
    certify("ca", "Test Authority", {});
    const std::vector<std::string> signed_by_ca{"-CA", file("ca.pem"), "-CAkey", file("ca.key")};
    auto server = signed_by_ca;
    server.insert(server.end(), {"-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"});
    certify("server", "localhost", server);
    certify("client", "the shop", signed_by_ca);
    server_.emplace(std::vector<std::string>{"node", kServers + "/http2-server.mjs", "--key",
                                             file("server.key"), "--cert", file("server.pem"), "--ca",
                                             file("ca.pem"), "--items", std::to_string(kCount)});
    const auto ready = parsed(server_->wait_for_line("{"));
    ASSERT_TRUE(ready.is_object());
    port_ = std::to_string(ready.find("port")->as_int64().value_or(0));
  }

  std::string file(const std::string& name) const { return (folder_->path() / name).string(); }

  void certify(const std::string& name, const std::string& subject, const std::vector<std::string>& more) {
    std::vector<std::string> command{"openssl",
                                     "req",
                                     "-x509",
                                     "-newkey",
                                     "ec",
                                     "-pkeyopt",
                                     "ec_paramgen_curve:P-256",
                                     "-nodes",
                                     "-days",
                                     "2",
                                     "-subj",
                                     "/CN=" + subject,
                                     "-keyout",
                                     file(name + ".key"),
                                     "-out",
                                     file(name + ".pem")};
    command.insert(command.end(), more.begin(), more.end());
    const auto done = run_program(command);
    ASSERT_EQ(done.exit_code, 0) << done.errors;
  }

  std::string spec_for(const std::string& path, const std::string& prefer) {
    const auto text = json::Object{{"type", "string"}};
    const auto auth_spec = json::Array{json::Object{
        {"name", "Basic"},
        {"type", "BasicAuthentication"},
        {"spec", json::Object{{"type", "object"},
                              {"properties", json::Object{{"username", text}, {"password", text}}}}}}};
    const auto attributes =
        json::Object{{"urlParams", json::Object{{"host", "https://localhost:" + port_},
                                                {"path", path},
                                                {"method", "GET"},
                                                {"queryParams", json::Object{{"prefer", prefer}}}}},
                     {"contentPath", json::Object{{"path", "$.items"}, {"overrideWrapperAttribute", "item"}}},
                     {"paginationParams", json::Object{{"type", "OFFSET"},
                                                       {"limitName", "limit"},
                                                       {"limitValue", "50"},
                                                       {"offSetName", "offset"},
                                                       {"totalPath", "$.total"}}}};
    return write("spec.json", spec(auth_spec, attributes));
  }

  Finished run(const std::string& path, const std::string& prefer, json::Object params = {}) {
    params.set("username", "ada");
    params.set("password", "sesame-17");
    const auto account =
        write("auth.json", json::Object{{"specName", "Basic"}, {"params", std::move(params)}});
    return headwater({"run", spec_for(path, prefer), "--auth", account, "--ca-bundle", file("ca.pem")});
  }

  std::vector<json::Value> seen() {
    const auto stats =
        run_program({"curl", "-s", "--cacert", file("ca.pem"), "https://localhost:" + port_ + "/stats"});
    const auto document = parsed(stats.output);
    const auto* requests = document.find("requests");
    return requests != nullptr && requests->is_array() ? *requests->if_array() : json::Array{};
  }

  std::string port_;
  std::optional<ChildProcess> server_;
};

TEST_F(Http2Server, RecordsAreExactHoweverTheyAreCompressed) {
  std::size_t requests = 0;
  for (const char* encoding : {"br", "gzip", "identity"}) {
    const auto done = run("/items", encoding);
    ASSERT_EQ(done.exit_code, 0) << encoding << ": " << done.errors;
    std::string want;
    for (int id = 0; id < kCount; ++id) {
      const auto number = std::to_string(id);
      want += R"({"total":230,"item":{"id":)" + number + R"(,"big":9007199254740993,"price":)" + number +
              R"(.10,"name":"Zoë \ud83d\ude00 )" + std::string(static_cast<std::size_t>(id % 50), 'x') +
              "\"}}\n";
    }
    const auto got = records(done.output);
    const auto wanted = records(want);
    ASSERT_EQ(got.size(), wanted.size()) << encoding;
    for (std::size_t i = 0; i < got.size(); ++i) {
      ASSERT_EQ(*got[i].find("item"), *wanted[i].find("item")) << encoding << " " << i;
      EXPECT_EQ(got[i].find_path("item.price")->if_number()->text, std::to_string(i) + ".10");
    }
    const auto all = seen();
    EXPECT_EQ(all.size(), requests + 5) << encoding;
    for (; requests < all.size(); ++requests) {
      EXPECT_EQ(all[requests].string_at("version"), "2.0");
      EXPECT_EQ(all[requests].string_at("alpn"), "h2");
      EXPECT_EQ(all[requests].string_at("encoding"), encoding);
    }
  }
}

TEST_F(Http2Server, AnUnknownAuthorityIsRefusedAtOnce) {
  const auto done = headwater({"run", spec_for("/items", "br")});
  EXPECT_EQ(done.exit_code, 1);
  EXPECT_EQ(done.output, "");
  EXPECT_NE(done.errors.find("cannot be verified"), std::string::npos) << done.errors;
  EXPECT_EQ(done.errors.find("attempts"), std::string::npos) << done.errors;
}

TEST_F(Http2Server, AnAccountShowsItsOwnCertificate) {
  EXPECT_NE(run("/private", "br").errors.find("answered 403"), std::string::npos);
  json::Object params;
  params.set("clientCertificate", *read_file(file("client.pem")));
  params.set("clientPrivateKey", *read_file(file("client.key")));
  const auto done = run("/private", "br", params);
  ASSERT_EQ(done.exit_code, 0) << done.errors;
  EXPECT_EQ(ids(records(done.output), "item.id").size(), static_cast<std::size_t>(kCount));
  EXPECT_EQ(seen().back().string_at("client"), "the shop");
  params.set("clientPrivateKey", *read_file(file("server.key")));
  const auto wrong = run("/private", "br", params);
  EXPECT_EQ(wrong.exit_code, 1);
  EXPECT_NE(wrong.errors.find("client certificate or its key cannot be used"), std::string::npos)
      << wrong.errors;
  EXPECT_EQ(wrong.errors.find("PRIVATE KEY"), std::string::npos);
}

TEST_F(Http2Server, CredentialsFollowARedirectOnTheSameHostOnly) {
  const auto moved = run("/moved", "br");
  ASSERT_EQ(moved.exit_code, 0) << moved.errors;
  EXPECT_EQ(ids(records(moved.output), "item.id").size(), static_cast<std::size_t>(kCount));
  const auto before = seen();
  EXPECT_EQ(before.size(), 10U);
  for (const auto& request : before)
    EXPECT_EQ(request.string_at("authorization"), "Basic YWRhOnNlc2FtZS0xNw==") << request.dump();
  const auto elsewhere = run("/elsewhere", "br");
  EXPECT_EQ(elsewhere.exit_code, 1);
  EXPECT_NE(elsewhere.errors.find("redirected to another host"), std::string::npos) << elsewhere.errors;
  const auto after = seen();
  ASSERT_EQ(after.size(), before.size() + 1) << "the other host must not be called, nor the first one again";
  EXPECT_EQ(after.back().string_at("path"), "/elsewhere");
}

}  // namespace
}  // namespace headwater::testing
