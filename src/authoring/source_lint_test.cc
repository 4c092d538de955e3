#include "authoring/source_lint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>

#include <filesystem>

#include "authoring/json_lines.h"
#include "authoring/source_template.h"
#include "authoring/svg_check.h"
#include "base/file.h"

namespace headwater::authoring {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class SourceLintTest : public testing::Test {
 protected:
  SourceLintTest()
      : folder_(*TemporaryFolder::make("headwater-lint")), place_(place_in(folder_.path(), "acme")) {
    texts_ = SourceTexts{"acme", "Acme", "Items of Acme accounts.", "crm"};
    write(rest_spec(texts_, rest_template()));
  }
  void write(const json::Value& spec) {
    EXPECT_TRUE(write_source(place_, make_artifacts(texts_, spec), Overwrite::yes));
  }
  void put(std::string_view part, const std::string& text) {
    EXPECT_TRUE(write_file_durably(place_.file(part), text));
  }
  std::vector<std::string> rules() const {
    std::vector<std::string> out;
    for (const auto& finding : lint_source(place_)) out.push_back(finding.rule);
    return out;
  }
  json::Value changed(const std::string& pointer, json::Value value) const {
    auto spec = rest_spec(texts_, rest_template());
    const auto cut = pointer.rfind('.');
    spec.find("sourceSpec");
    json::Value* at = &spec;
    std::string rest = pointer.substr(0, cut);
    for (std::size_t begin = 0; begin <= rest.size();) {
      auto end = rest.find('.', begin);
      if (end == std::string::npos) end = rest.size();
      at = at->find(rest.substr(begin, end - begin));
      begin = end + 1;
    }
    at->if_object()->set(pointer.substr(cut + 1), std::move(value));
    return spec;
  }

  TemporaryFolder folder_;
  SourcePlace place_;
  SourceTexts texts_;
};

TEST_F(SourceLintTest, ATemplateIsGreen) {
  EXPECT_THAT(rules(), IsEmpty()) << findings_text(lint_source(place_));
  texts_.category = "streaming";
  write(streaming_spec(texts_));
  EXPECT_THAT(rules(), IsEmpty()) << findings_text(lint_source(place_));
}

// Lint called both clean, and no request could ever be answered.
TEST_F(SourceLintTest, APlaceholderOfADocumentationIsNoAddress) {
  for (const char* host : {"https://%7bsubdomain%7d.zendesk.com", "https://{subdomain}.zendesk.com",
                           "https://a..b", "https://a b.test", "https://<shop>.a.test"}) {
    write(changed("sourceSpec.attributes.urlParams.host", host));
    EXPECT_THAT(rules(), Contains("spec/host")) << host;
  }
  for (const char* host : {"https://${accountId}.a.test", "https://{accountId}.a.test",
                           "http://127.0.0.1:80/v1", "https://[::1]:8080", "https://m\xc3\xbcnchen.test"}) {
    write(changed("sourceSpec.attributes.urlParams.host", host));
    EXPECT_THAT(rules(), Not(Contains("spec/host"))) << host;
  }
  for (const char* path : {"/users/%7Buser_id%7D", "/users/{user_id}", "/stores/:store_id/x", "/x/<SHOP>"}) {
    write(changed("sourceSpec.attributes.urlParams.path", path));
    EXPECT_THAT(rules(), Contains("spec/open-placeholder")) << path;
  }
  for (const char* path : {"/x/${accountId}/items:batchGet", "/x/{START_TIME}/${accountId}"}) {
    write(changed("sourceSpec.attributes.urlParams.path", path));
    EXPECT_THAT(rules(), Not(Contains("spec/open-placeholder"))) << path;
  }
}

// Their names are ordinary, and their values landed in the repository.
TEST_F(SourceLintTest, CredentialsUnderOrdinaryNamesAreSeen) {
  const auto with_query = [this](json::Value query) {
    return changed("sourceSpec.attributes.urlParams", json::Object{{"host", "https://a.test"},
                                                                   {"path", "/x/${accountId}"},
                                                                   {"queryParams", std::move(query)}});
  };
  for (const char* name : {"pw", "pwd", "pass", "otp", "hmac", "creds", "authcode", "sas", "token2", "sig",
                           "signature", "X-Pw"}) {
    write(with_query(json::Object{{name, "zq9x7"}}));
    EXPECT_THAT(rules(), Contains("secrets/literal")) << name;
  }
  write(with_query("login=ada&pw=zq9x7"));
  EXPECT_THAT(rules(), Contains("secrets/literal"));
  for (const char* name : {"sid", "session", "code", "pin", "ticket", "access"}) {
    write(with_query(json::Object{{name, "zq9x7abc"}}));
    EXPECT_THAT(rules(), Contains("secrets/perhaps")) << name;
    EXPECT_THAT(rules(), Not(Contains("secrets/literal"))) << name;
  }
  for (const auto& [name, value] :
       std::vector<std::pair<const char*, const char*>>{{"code", "USD"},
                                                        {"pin", "12"},
                                                        {"ticket", "open"},
                                                        {"access", "read-write"},
                                                        {"session", "${accountId}"},
                                                        {"code", "a b c 1 2 3"}}) {
    write(with_query(json::Object{{name, value}}));
    EXPECT_THAT(rules(), Not(Contains("secrets/perhaps"))) << name << value;
  }
  write(changed("sourceSpec.attributes.bodyParams", *json::parse(R"({"a":{"b":[{"pw":"zq9x7"}]}})")));
  EXPECT_THAT(rules(), Contains("secrets/literal"));
  write(changed("sourceSpec.attributes.urlParams.path", "/bot123456:AAzq9x7/getUpdates/${accountId}"));
  EXPECT_THAT(rules(), Contains("secrets/known"));
}

TEST_F(SourceLintTest, ALimitWithoutPagingIsTold) {
  auto rest = rest_template();
  rest.paging = json::Value();
  rest.query = {{"limit", "100"}};
  write(rest_spec(texts_, rest));
  const auto findings = lint_source(place_);
  ASSERT_EQ(findings.size(), 1U) << findings_text(findings);
  EXPECT_EQ(findings[0].rule, "spec/unpaged");
  EXPECT_EQ(findings[0].severity, Severity::warning);
  EXPECT_EQ(findings[0].pointer, "/sourceSpec/attributes/urlParams/queryParams/limit");
  rest.query = {{"expand", "all"}};
  rest.method = "POST";
  rest.body = json::Object{{"page_size", 5}};
  write(rest_spec(texts_, rest));
  EXPECT_THAT(rules(), Contains("spec/unpaged"));
}

struct FileCase {
  const char* name;
  const char* part;
  std::string text;
  const char* rule;
};

TEST_F(SourceLintTest, TextsAreReviewed) {
  const auto cases = std::vector<FileCase>{
      {"UnknownCategory", "category.txt", "shoes\n", "category/known"},
      {"ShownCategory", "category.txt", "CRM\n", "category/known"},
      {"OtherCategory", "category.txt", "payments\n", "category/differs"},
      {"EmptyLabel", "label.txt", "\n", "label/length"},
      {"LongLabel", "label.txt", std::string(61, 'a'), "label/length"},
      {"TwoLines", "label.txt", "a\nb", "label/plain"},
      {"Html", "description.txt", "All <b>items</b>", "description/plain"},
      {"Markdown", "description.txt", "[Items](https://a.test)", "description/plain"},
      {"Long", "description.txt", std::string(501, 'a'), "description/length"},
      {"Token", "description.txt", "Use ghp_0123456789abcdefABCDEF0123456789", "secrets/known"},
      {"NoJson", "connectionSpec.json", "{", "files/json"},
      {"NoSvg", "icon.svg", "<svg", "icon/well-formed"},
      {"MarkedLabel", "label.txt",
       "\xef\xbb\xbf"
       "Acme",
       "files/encoding"},
      {"MarkedCategory", "category.txt",
       "\xef\xbb\xbf"
       "crm",
       "files/encoding"},
      {"MarkedSpec", "connectionSpec.json", "\xef\xbb\xbf{}", "files/encoding"},
      {"Latin", "description.txt", "Bestellungen aus M\xfcnchen", "files/encoding"},
      {"TurnedAround", "label.txt", "Acme\xe2\x80\xaegpj.exe", "label/plain"},
      {"NotSeen", "description.txt",
       "It\xe2\x80\x8b"
       "ems",
       "description/plain"},
      {"Empty", "icon.svg", "", "icon/well-formed"}};
  for (const auto& [name, part, text, rule] : cases) {
    write(rest_spec(texts_, rest_template()));
    put(part, text);
    EXPECT_THAT(rules(), Contains(rule)) << name << "\n" << findings_text(lint_source(place_));
  }
}

TEST_F(SourceLintTest, FilesAreCounted) {
  std::filesystem::rename(place_.file("label.txt"), place_.artifacts / "other-label.txt");
  const auto findings = lint_source(place_);
  ASSERT_EQ(findings.size(), 2U) << findings_text(findings);
  EXPECT_EQ(findings[0].rule, "files/missing");
  EXPECT_THAT(findings[0].hint, HasSubstr("other-label.txt"));
  EXPECT_EQ(findings[1].rule, "files/unexpected");
  EXPECT_EQ(findings[1].severity, Severity::warning);
}

TEST_F(SourceLintTest, WhatLeadsOutOfTheRepositoryIsNotRead) {
  const auto secret = folder_.path() / "secret.txt";
  ASSERT_TRUE(write_file_durably(secret, "ghp_0123456789abcdefABCDEF0123456789"));
  for (const char* part : {"category.txt", "label.txt", "icon.svg", "connectionSpec.json"}) {
    write(rest_spec(texts_, rest_template()));
    std::filesystem::remove(place_.file(part));
    std::filesystem::create_symlink(secret, place_.file(part));
    const auto findings = lint_source(place_);
    ASSERT_FALSE(findings.empty()) << part;
    EXPECT_EQ(findings[0].rule, "files/link") << part;
    EXPECT_THAT(findings_text(findings), Not(HasSubstr("ghp_"))) << part;
    EXPECT_EQ(read_source(place_).error().kind, ErrorKind::unsupported) << part;
    std::filesystem::remove(place_.file(part));
  }
  std::filesystem::create_symlink("/nowhere", place_.file("connectionSpec.json"));
  EXPECT_THAT(rules(), Contains("files/link"));
  std::filesystem::remove_all(place_.artifacts);
  std::filesystem::create_directory_symlink("/etc", place_.artifacts);
  EXPECT_THAT(rules(), testing::ElementsAre("files/link")) << "and not what is in there";
}

TEST_F(SourceLintTest, APipeAFolderAndALargeFileAreRefusedAtOnce) {
  std::filesystem::remove(place_.file("label.txt"));
  ASSERT_EQ(::mkfifo(place_.file("label.txt").c_str(), 0600), 0);
  EXPECT_THAT(rules(), Contains("files/link"));
  std::filesystem::remove(place_.file("label.txt"));
  std::filesystem::create_directory(place_.file("label.txt"));
  EXPECT_THAT(rules(), Contains("files/link"));
  std::filesystem::remove(place_.file("label.txt"));
  write(rest_spec(texts_, rest_template()));
  std::filesystem::resize_file(place_.file("connectionSpec.json"), 100U << 20);
  EXPECT_THAT(rules(), Contains("files/size"));
}

TEST_F(SourceLintTest, FilesBesideTheArtifactsAreSearchedForCredentials) {
  const auto beside = place_.artifacts.parent_path() / "account.json";
  ASSERT_TRUE(write_file_durably(beside, R"({"specName":"Basic","params":{"password":"open-sesame"}})"));
  EXPECT_THAT(rules(), testing::ElementsAre("secrets/literal"));
  std::filesystem::remove(beside);
  for (const char* account : {R"({"params":{"password":12345678}})", R"({"apiKeys":["open-sesame"]})"}) {
    ASSERT_TRUE(write_file_durably(beside, account));
    EXPECT_THAT(rules(), testing::ElementsAre("secrets/literal")) << account;
    std::filesystem::remove(beside);
  }
  ASSERT_TRUE(write_file_durably(place_.artifacts / "notes.txt", "sk_live_0123456789abcdef"));
  EXPECT_THAT(rules(), testing::ElementsAre("files/unexpected", "secrets/known"));
}

TEST_F(SourceLintTest, NothingOfAFileMovesATerminalsCursor) {
  put("category.txt", "crm\x1b[2J\x1b]0;x\x07");
  auto spec = rest_spec(texts_, rest_template());
  spec.if_object()->set("name", "a\x1b[1mb");
  ASSERT_TRUE(write_file_durably(place_.file("connectionSpec.json"), spec.dump(2)));
  const auto findings = lint_source(place_);
  EXPECT_THAT(findings_text(findings), Not(HasSubstr("\x1b")));
  EXPECT_THAT(findings_text(findings), HasSubstr("crm?[2J"));
}

struct SpecCase {
  const char* name;
  const char* place;
  const char* value;
  const char* rule;
  const char* pointer;
};

TEST_F(SourceLintTest, TheSpecIsReviewed) {
  const auto cases = std::vector<SpecCase>{
      {"OtherName", "name", R"("other")", "spec/name", "/name"},
      {"Undeclared", "sourceSpec.attributes.urlParams.path", R"("/v1/${account}/${accountId}")",
       "spec/request", "/sourceSpec/attributes/urlParams/path"},
      {"Unused", "sourceSpec.attributes.urlParams.path", R"("/v1")", "spec/unused-input",
       "/sourceSpec/spec/properties/accountId"},
      {"Paging", "sourceSpec.attributes.paginationParams.offSetName", R"("")", "spec/pagination",
       "/sourceSpec/attributes/paginationParams/offSetName"},
      {"Schedule", "sourceSpec.attributes.scheduleParams.scheduleStartParamFormat", R"("%")", "spec/schedule",
       "/sourceSpec/attributes/scheduleParams/scheduleStartParamFormat"},
      {"Literal", "sourceSpec.attributes.headerParams.Authorization", R"("Bearer abc123def456")",
       "secrets/literal", "/sourceSpec/attributes/headerParams/Authorization"},
      {"KnownKey", "sourceSpec.attributes.urlParams.queryParams", R"({"q":"sk_live_0123456789abcdef"})",
       "secrets/known", "/sourceSpec/attributes/urlParams/queryParams/q"},
      {"Random", "sourceSpec.attributes.urlParams.queryParams", R"({"q":"q7Rt0Zx93LmPw2Vb8Nc5Yd1Ke6Hs4Jf"})",
       "secrets/random", "/sourceSpec/attributes/urlParams/queryParams/q"},
      {"SecretInput", "sourceSpec.spec.properties.clientSecret", R"({"type":"string"})", "spec/secret-format",
       "/sourceSpec/spec/properties/clientSecret"},
      {"NoArray", "sourceSpec.schema", R"({"type":"object","properties":{"items":{"type":"object"}}})",
       "spec/content-array", "/sourceSpec/attributes/contentPath"}};
  for (const auto& [name, place, value, rule, pointer] : cases) {
    auto spec = rest_spec(texts_, rest_template());
    if (std::string(place).find('.') == std::string::npos)
      spec.if_object()->set(place, *json::parse(value));
    else
      spec = changed(place, *json::parse(value));
    write(spec);
    const auto findings = lint_source(place_);
    const auto found = std::find_if(findings.begin(), findings.end(),
                                    [&](const Finding& each) { return each.rule == rule; });
    ASSERT_NE(found, findings.end()) << name << "\n" << findings_text(findings);
    EXPECT_EQ(found->pointer, pointer) << name;
    EXPECT_GT(found->line, 1U) << name;
    EXPECT_THAT(findings_text(findings), Not(HasSubstr("sk_live_0123"))) << "told where, not what";
  }
}

TEST_F(SourceLintTest, ASecretInputOfAnAccountIsToldOnce) {
  auto spec = rest_spec(texts_, rest_template());
  auto& entry = (*spec.find("authSpec")->if_array())[0];
  entry.find("spec")->find("properties")->find("authKey1")->if_object()->erase("format");
  write(spec);
  EXPECT_THAT(rules(), testing::ElementsAre("spec/secret-format"));
}

TEST(JsonLines, PlacesHaveTheirLines) {
  const auto lines = json_lines("{\n \"a\": [1,\n  {\"b/c\": \"x\\\"\"}\n ],\n \"d\":\n  2 }",
                                {"", "/a", "/a/0", "/a/1/b~1c", "/d", "/a/7/x", "/none", "/d/~"});
  EXPECT_THAT(lines, testing::ElementsAre(1, 2, 2, 3, 5, 2, 1, 5));
}

struct IconCase {
  const char* name;
  const char* inside;  // of the root
  const char* rule;    // "" when it is fine
};

TEST(SvgCheck, OnlyWhatDrawsIsLetThrough) {
  for (const auto& [name, inside, rule] : std::vector<IconCase>{
           {"Shapes", "<g><path d='M0 0h4'/><use href='#a'/></g>", ""},
           {"Gradient", "<defs><linearGradient id='a'><stop/></linearGradient></defs><rect fill='url(#a)'/>",
            ""},
           {"Style", "<style>.a{fill:red}</style><text>a</text>", ""},
           {"Script", "<script>alert(1)</script>", "icon/script"},
           {"Foreign", "<foreignObject/>", "icon/script"},
           {"Html", "<b xmlns='http://www.w3.org/1999/xhtml'/>", "icon/element"},
           {"HtmlScript", "<script xmlns='http://www.w3.org/1999/xhtml'/>", "icon/element"},
           {"Image", "<image href='#a'/>", "icon/element"},
           {"Animation", "<animate/>", "icon/element"},
           {"Event", "<g onload='x()'/>", "icon/script"},
           {"EventInCapitals", "<g OnClick='x()'/>", "icon/script"},
           {"Link", "<use href='https://a.test/#b'/>", "icon/external"},
           {"XLink", "<use xmlns:xlink='http://www.w3.org/1999/xlink' xlink:href='a.svg#b'/>",
            "icon/external"},
           {"JavaScript", "<use href='javascript:x()'/>", "icon/external"},
           {"Url", "<rect fill='url( \"https://a.test\")'/>", "icon/external"},
           {"StyleAttribute", "<rect style='fill:url(//a.test)'/>", "icon/external"},
           {"Import", "<style>@import 'a.css';</style>", "icon/external"},
           {"CssEscape", "<style>a{b:\\75rl(//x)}</style>", "icon/external"},
           {"Instruction", "<?xml-stylesheet href='a'?>", "icon/external"},
           {"StyleGoesOn", "<style>@import 'https://a.test/x.css';<g/></style>", "icon/external"},
           {"ImageSet", "<rect style='mask-image:image-set(\"https://a.test/a.png\" 1x)'/>", "icon/external"},
           {"Label", "<g aria-label='Picture image (2)'><line/></g>", ""},
           {"Base", "<g xml:base='https://a.test/'/>", "icon/external"},
           {"Itself", "<g id='a'><use href='#a'/></g>", "icon/expands"},
           {"EachOther",
            "<pattern id='a'><rect fill='url(#b)'/></pattern><mask id='b'><g mask='url(#a)'/></mask>",
            "icon/expands"},
           {"Open", "<g>", "icon/well-formed"}}) {
    const auto problems = check_svg("<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 1 1'>\n" +
                                    std::string(inside) + "\n</svg>");
    if (*rule == '\0') {
      EXPECT_THAT(problems, IsEmpty()) << name << problems[0].message;
    } else {
      ASSERT_FALSE(problems.empty()) << name;
      EXPECT_EQ(problems[0].rule, rule) << name;
      EXPECT_GE(problems[0].line, 2U) << name;
    }
  }
}

TEST(SvgCheck, TheRootIsAnSvgWithASize) {
  const auto rule = [](const std::string& text) {
    const auto problems = check_svg(text);
    return problems.empty() ? std::string() : std::string(problems[0].rule);
  };
  const auto sized = [&rule](const std::string& size) {
    return rule("<svg xmlns='http://www.w3.org/2000/svg' " + size + "><path d='M0 0h4'/></svg>");
  };
  for (const char* size : {"width='1' height='1'", "width='1.5em' height='100%' viewBox='-1,-1, 48 48'",
                           "viewBox='0 0 +2e2 .5'", "width='2ex' height='10px'"})
    EXPECT_EQ(sized(size), "") << size;
  for (const char* size :
       {"viewBox='a b c d'", "viewBox='0 0 48'", "viewBox='0 0 0 48'", "viewBox='0 0 48 -1'",
        "viewBox='0 0 nan inf'", "viewBox='0 0 48 1e9'", "width='1e9' height='3'", "width='3' height='-3'",
        "width='0' height='3'", "width='calc(1px)' height='3'", "viewBox=''", "viewBox='0 0 1 1' width='x'"})
    EXPECT_EQ(sized(size), "icon/size") << size;
  EXPECT_EQ(rule("<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 1 1'/>"), "icon/empty");
  EXPECT_EQ(rule("<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 1 1'><g><title>a</title></g></svg>"),
            "icon/empty");
  EXPECT_EQ(rule("<svg xmlns='http://www.w3.org/2000/svg'/>"), "icon/size");
  EXPECT_EQ(rule("<svg viewBox='0 0 1 1'/>"), "icon/svg");
  EXPECT_EQ(rule("<!DOCTYPE svg [<!ENTITY a 'b'>]><svg/>"), "icon/doctype");
  EXPECT_EQ(rule("<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 1 1'>" + std::string(70'000, ' ') +
                 "</svg>"),
            "icon/bytes");
}

TEST(SvgCheck, ReferencesThatMultiplyAreRefused) {
  std::string inside = "<g id='a0'><path d='M0 0'/></g>";
  for (int i = 1; i < 8; ++i) {
    inside += "<g id='a" + std::to_string(i) + "'>";
    for (int k = 0; k < 10; ++k) inside += "<use href='#a" + std::to_string(i - 1) + "'/>";
    inside += "</g>";
  }
  const auto problems =
      check_svg("<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 1 1'>" + inside + "</svg>");
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].rule, "icon/expands");
  std::string deep = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 1 1'>";
  for (int i = 0; i < 9'000; ++i) deep += "<g>";
  EXPECT_EQ(check_svg(deep)[0].rule, "icon/element");
}

TEST(SvgCheck, WhatIsPublishedIsWhatWasChecked) {
  const std::string root = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 1 1'/>";
  EXPECT_EQ(bare_svg("<?xml version='1.0'?>\n<!-- <svg onload='x()'> -->\n" + root), root);
  EXPECT_EQ(bare_svg("<s:svg xmlns:s='http://www.w3.org/2000/svg'/>"),
            "<s:svg xmlns:s='http://www.w3.org/2000/svg'/>");
  EXPECT_EQ(bare_svg("no picture"), "no picture");
  std::string wide;
  for (const char c : root) wide += std::string{c, '\0'};
  EXPECT_EQ(check_svg("\xff\xfe" + wide)[0].rule, "icon/well-formed");
}

TEST(Findings, HaveAFormForEachReader) {
  const std::vector<Finding> findings{
      {"icon/script", Severity::error, "Sources/a/a,b-icon.svg", "", 3, "It runs.\nReally.", "100% sure"}};
  EXPECT_EQ(findings_text(findings),
            "Sources/a/a,b-icon.svg:3: error: It runs.\nReally. [icon/script]\n    100% sure\n");
  EXPECT_EQ(
      findings_github(findings),
      "::error file=Sources/a/a%2Cb-icon.svg,line=3,title=icon/script::It runs.%0AReally. 100%25 sure\n");
  const auto sarif = findings_sarif(findings);
  EXPECT_EQ(sarif.string_at("version"), "2.1.0");
  const auto& run = (*sarif.find("runs")->if_array())[0];
  EXPECT_EQ(run.find("results")->dump(),
            R"([{"ruleId":"icon/script","level":"error","message":{"text":"It runs.\nReally. 100% sure"},)"
            R"("locations":[{"physicalLocation":{"artifactLocation":{"uri":"Sources/a/a,b-icon.svg"},)"
            R"("region":{"startLine":3}}}]}])");
  const auto uri = [](std::string file) {
    const auto written = findings_sarif({{"icon/size", Severity::error, std::move(file), "", 1, "a", ""}});
    return written.dump();
  };
  EXPECT_THAT(uri("Sources/a b/\xc3\xa4%-icon.svg"),
              HasSubstr(R"("uri":"Sources/a%20b/%C3%A4%25-icon.svg")"));
  EXPECT_THAT(uri("/tmp/a"), HasSubstr(R"("uri":"file:///tmp/a")"));
  EXPECT_EQ(run.find_path("tool.driver.rules")->if_array()->size(), lint_rules().size());
}

}  // namespace
}  // namespace headwater::authoring
