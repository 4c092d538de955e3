#include "schema/internal/formats.h"

#include <gtest/gtest.h>

namespace headwater::schema {
namespace {

struct FormatRow {
  const char* format;
  std::vector<const char*> valid;
  std::vector<const char*> invalid;
};

const std::vector<FormatRow>& rows() {
  static const std::vector<FormatRow> all = {
      {"date-time",
       {"1963-06-19T08:30:06.283185Z", "1963-06-19t08:30:06z", "1990-12-31T15:59:50.123-08:00",
        "1998-12-31T23:59:60Z", "1998-12-31T15:59:60.123-08:00", "2020-02-29T00:00:00Z"},
       {"1998-12-31T23:59:61Z", "1998-12-31T23:58:60Z", "1998-12-31T22:59:60Z",
        "1990-02-31T15:59:59.123-08:00", "1990-12-31T15:59:59-24:00", "1963-06-19T08:30:06.28123+01:00Z",
        "06/19/1963 08:30:06 PST", "2013-350T01:01:01", "1963-6-19T08:30:06Z", "1963-06-1৪T00:00:00Z",
        "1963-06-19 08:30:06Z", "2021-02-29T00:00:00Z", "2020-01-01T00:00:00", ""}},
      {"date",
       {"1963-06-19", "2020-02-29"},
       {"2021-02-29", "2020-01-32", "2020-13-01", "1963-06-19T", "1998-1-20", "06/19/1963", "2020-11-31",
        "20230328"}},
      {"time",
       {"08:30:06Z", "08:30:06.283185z", "23:59:60Z", "15:59:60-08:00", "01:29:60+01:30", "08:30:06+00:20"},
       {"08:30:06", "22:59:60Z", "23:59:60+01:00", "24:00:00Z", "00:60:00Z", "8:3:6Z", "01:02:03+24:00",
        "01:02:03+00:60", "01:02:03Z+00:30", "08:30:06.Z", "08:30:06 PST", "01:01:01,1111", "12:00:00+1:00"}},
      {"email",
       {"joe.bloggs@example.com", "te~st@example.com", "~test@example.com", "te.s.t@example.com",
        "\"joe bloggs\"@example.com", "\"joe..bloggs\"@example.com", "\"joe@bloggs\"@example.com",
        "joe.bloggs@[127.0.0.1]", "joe.bloggs@[IPv6:::1]", "a@[ipv6:::2]", "a@[010.0.0.001]"},
       {"2962", ".test@example.com", "test.@example.com", "te..st@example.com",
        "joe.bloggs@invalid=domain.com", "joe.bloggs@[127.0.0.300]", "a@[1.2.3]", "a@[1.2.3.0004]", "a@[]",
        "a@[1.2.3.4.5]", "a@[ipv6:]", "a@b.com, c@d.com", "\"Ada\" <ada@example.com>", "@example.com", "a@",
        "ä@example.com"}},
      {"idn-email", {"실례@실례.테스트", "joe.bloggs@example.com"}, {"2962", "@x"}},
      {"hostname",
       {"www.example.com", "xn--4gbwdl.xn--wgbh1c", "1host", "a-b", "h0stn4me",
        "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk.com"},
       {"", "-a", "a-", "_a", "a_b", "a..b", ".a", "a.", "xn--X", "실례",
        "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijkl.com"}},
      {"idn-hostname",
       {"실례.테스트", "faß.de", "l·l", "α͵β", "א׳ב", "ア・ア", "क्\u200dष", "क्\u200cष", "بي\u200cبي", "ab۰a",
        "ب٠ب", "example.com", "a。b", "a.אב", "א0", "xn--4dbrk0ce"},
       {"〮실례.테스트",
        "실〮례.테스트",
        "-> $1.00 <--",
        "xn--X",
        "XN--aa---o47jg78q",
        "-hello",
        "hello-",
        "\u0903hello",
        "\u0300hello",
        "a·l",
        "l·",
        "α͵S",
        "A׳ב",
        "def・abc",
        "क\u200dष",
        "\u200dष",
        "ab٠۰",
        "ab٠b",
        "0a.א",
        "0ا",
        "aא",
        "א0٠",
        "אa",
        "xn---9uc",
        "ـߺ",
        "aa--ö",
        ""}},
      {"ipv4",
       {"192.168.0.1", "0.0.0.0"},
       {"127.0.0.0.1", "256.1.1.1", "127.0", "0x7f000001", "2130706433", "087.10.0.1", "1.2.3.4\n",
        "1২7.0.0.1", "192.168.1.0/24", ""}},
      {"ipv6",
       {"::1", "::", "::abef", "1::", "1:2:3:4:5:6:7:8", "::ffff:192.168.0.1", "1::d6:192.168.0.1",
        "::42:ff:1", "1:2:3:4:5:6:7::"},
       {"12345::", "::abcef", "1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1", "::laptop", "2:3:4:5:6:7:8",
        ":2:3:4:5:6:7:8", "1:2:3:4:5:6:7:", "1::2::3", "1:2::192.168.256.1", "1:2:3:4:1.2.3", "fe80::a%eth1",
        "1:2:3:4:5:6:7:8:9", ":", "127.0.0.1", "fe80::/64", "1:2:3:4:5:6:7:8::", "  ::1"}},
      {"uri",
       {"http://foo.bar/?baz=qux#quux", "http://foo.com/blah_(wikipedia)_blah#cite-1",
        "http://-.~_!$&'()*+,;=:%40:80%2f::::::@example.com", "ftp://ftp.is.co.za/rfc/rfc1808.txt",
        "mailto:John.Doe@example.com", "tel:+1-816-555-1212", "ldap://[2001:db8::7]/c=GB?objectClass?one",
        "urn:oasis:names:specification:docbook:dtd:xml:4.1.2", "http://example.com:8080/"},
       {"//foo.bar/?baz", "/abc", "\\\\WINDOWS\\share", "abc", "http:// shouldfail.com", ":// should fail",
        "bar,baz:foo", "http://a:b", "https://[@example.org/test.txt", "https://example.org/foobar\\.txt",
        "https://example.org/<>", "http://é.com/", "http://a/%zz", "1http://a",
        "https://example.org/foobar^.txt", "http://[::1"}},
      {"uri-reference",
       {"http://a/b", "//foo.bar/?baz=qux#quux", "/abc", "abc", "#fragment", "?a", "", "a/b:c"},
       {"\\\\WINDOWS\\share", "#frag\\ment", ":x", "é"}},
      {"iri",
       {"http://ƒøø.ßår/?∂éœ=πîx#πîüx", "http://[2001:0db8:85a3::7334]"},
       {"http://2001:0db8:85a3:0000:0000:8a2e:0370:7334", "/abc", "âππ"}},
      {"iri-reference", {"/âππ", "âππ", "#ƒrägmênt"}, {"\\\\WINDOWS\\filëßåré", "#ƒräg\\mênt"}},
      {"uri-template",
       {"http://example.com/{term:1}/{term}", "/a/{+b,c*}", "plain", "{?q,r}", "/é", "it's", "{a.b}"},
       {"{term", "}", "{}", "{a:}", "{a:0}", "a b", "{a b}", "{a..b}", "{a.}"}},
      {"json-pointer",
       {"", "/", "/foo/bar~0/baz~1/%a", "/foo//bar", "/~01"},
       {"/foo/bar~", "a", "#", "/~2", "/~0~", "0/1"}},
      {"relative-json-pointer",
       {"1", "0/foo/bar", "2/0/baz/1/zip", "0#", "120/foo", "0+1", "0-0", "3+12/a", "0-1#"},
       {"/foo/bar", "-1/foo", "0+", "0-01", "0++1", "0+1a", "1#/a", "0##", "01/a", "01#", "", "+1/a", "1a"}},
      {"regex",
       {"([abc])+\\s+$", "^[\\w-]+$", "\\d{2,3}?", "a{,2}"},
       {"^(abc]", "\\a", "^\\S(|(.|\\n)*\\S)\\Z", "a**", "(?i)a", "a++", "(*FAIL)", "[b-a]", "\\"}},
  };
  return all;
}

TEST(Formats, TakeWhatTheirRfcsAllow) {
  for (const auto& row : rows()) {
    const auto format = find_format(row.format);
    ASSERT_TRUE(format) << row.format;
    EXPECT_EQ(format_name(*format), row.format);
    EXPECT_TRUE(conforms(*format, format_example(*format))) << row.format;
    for (const auto* text : row.valid) EXPECT_TRUE(conforms(*format, text)) << row.format << ": " << text;
    for (const auto* text : row.invalid) EXPECT_FALSE(conforms(*format, text)) << row.format << ": " << text;
  }
}

TEST(Formats, UnknownNamesAreAnnotations) {
  for (const auto* name : {"password", "uuid", "duration", "", "Date"})
    EXPECT_FALSE(find_format(name)) << name;
}

}  // namespace
}  // namespace headwater::schema
