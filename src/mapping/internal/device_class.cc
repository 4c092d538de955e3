#include "mapping/internal/device_class.h"

#include <string>

namespace headwater::mapping {
namespace {

struct ClassRule {
  std::string_view device_class;
  std::string_view pattern;
};

// The first rule that matches tells the class. A rule sees the text, and behind it in lines of their own what
// the patterns found: "\nos:Android\ndevice:Samsung SM-T510\nbrand:Samsung\nmodel:SM-T510\n". The text is one
// line, so it cannot pretend to have such a line, and "." stays inside it. Letters match in any case.
constexpr ClassRule kRules[] = {
    // Attacks: markup, lookups, SQL, shells, paths, code, and the tools that send them.
    {"Hacker", R"(<(?:/?script|img|svg|iframe|!--|\?php)|%3c/?script|javascript:|\bonerror ?=)"},
    {"Hacker", R"(\$\{(?:jndi|env|sys|lower|upper|::-)|\{\{.*\}\})"},
    {"Hacker", R"(['"] ?\)? ?(?:or|and)\b.{0,40}[=<>]|\b(?:or|and) \d+ ?= ?\d)"},
    {"Hacker",
     R"(\bunion\b.{1,20}\bselect\b|\bselect\b.{1,80}\bfrom\b|drop table|information_schema|xp_cmdshell)"},
    {"Hacker", R"(\bsleep ?\(|pg_sleep|benchmark\(|waitfor delay|extractvalue\(|updatexml\()"},
    {"Hacker", R"(\(\) ?\{|/bin/(?:ba)?sh\b|cmd\.exe|/etc/passwd|\.\./\.\.|[;|`] ?(?:curl|wget|nc|id|cat) )"},
    {"Hacker", R"(\beval\(|base64_decode|phpinfo|allow_url_include|%0d%0a|\\x[0-9a-f]{2}\\x)"},
    {"Hacker", R"(sqlmap|nikto|acunetix|nessus|openvas|havij|wpscan|dirbuster|gobuster|nuclei|netsparker)"},
    {"Hacker", R"(\bzmeu\b|jorgee|fimap|w3af|morfeus|masscan)"},

    {"Anonymized", R"(anonymi[sz]ed|anonymi[sz]er|^anonymous\b|^(?:hidden|private|redacted|masked)\n)"},

    {"Cloud", R"(cloudfront|aws-sdk|aws-cli|amazon-route53|amazon simple notification|elb-healthchecker)"},
    {"Cloud",
     R"(appengine-google|google-cloud|googlehc|^azure|azure-|kube-probe|cloudflare|apigee|alibaba cloud)"},

    // Robots: crawlers, then what uap-core takes for one, then libraries and tools.
    {"Robot Mobile", R"(\ndevice:Spider\nbrand:.*\nmodel:(?:Smartphone|Feature Phone)\n)"},
    {"Robot Mobile",
     R"(^(?=.*(?:\bmobile\b|android|iphone|ipad)).*(?:(?<!cu)bot\b|crawler|spider\b|\+https?:))"},
    {"Robot",
     R"(\ndevice:Spider\n|(?<!cu)bot\b|(?<!cu)bots?[/_;+)]|crawler|crawling|spider\b|slurp|scrapy|scraper)"},
    {"Robot",
     R"(\+https?:|facebookexternalhit|mediapartners|feedfetcher|bingpreview|uripreview|linkpreview)"},
    {"Robot",
     R"(headlesschrome|phantomjs|lighthouse|pingdom|statuscake|uptimerobot|archiver|httrack|validator)"},
    {"Robot", R"(googleother|google-read-aloud|google-inspectiontool|feedly|feedparser|link ?check|\bzgrab)"},
    {"Robot",
     R"(^(?:curl|wget|aria2|httpie|lynx-|links-|libcurl|pycurl|postmanruntime|insomnia|apachebench)\b)"},
    {"Robot",
     R"(^(?:python|aiohttp|httpx|urllib|java|okhttp|ruby|perl|php|go-http|dart|node|axios|got|undici)\b)"},
    {"Robot",
     R"(^(?:guzzle|faraday|rest-client|restsharp|reqwest|ureq|hyper|superagent|jersey|typhoeus|winhttp)\b)"},
    {"Robot",
     R"(python-requests|python-urllib|apache-httpclient|jakarta commons|libwww|lwp::|node-fetch|guzzlehttp)"},
    {"Robot", R"(windowspowershell|mechanize|k6/|jmeter|vegeta|wrk/|siege/|^microsoft-cryptoapi)"},

    {"Augmented Reality", R"(hololens|magic ?leap|google glass|\bglass \d\b|xreal)"},
    {"Virtual Reality",
     R"(oculus|\bquest(?: \d| pro|[;)])|\bpico (?:neo|\d)|\bvive\b|\bgear ?vr\b|\bSM-R32\d|wolvic)"},
    {"Voice", R"(alexamediaplayer|\baeo[a-z]{2}\b|homepod|audioaccessory\d|google-?home|smartspeaker)"},
    {"Car", R"(\btesla/|qtcarbrowser|automotive|\bcarplay\b|\bcar\b|mbux)"},
    {"Watch",
     R"(watch ?os\b|apple ?watch|smart ?watch|\bSM-[RL][789]\d\d|\bwear ?os\b|galaxy watch|\bwatch\d+,\d)"},
    {"Home Appliance", R"(family ?hub|refrigerator|fridge|\bthinq\b)"},

    {"Handheld Game Console",
     R"(playstation (?:vita|portable)|\bpsp\b|nintendo (?:3ds|2ds|dsi?)\b|steam ?deck|game ?boy)"},
    {"Game Console", R"(playstation|xbox|nintendo|\bwii\b|dreamcast|\bouya\b|sega saturn)"},

    {"eReader",
     R"(\bkindle/\d|\bkobo\b|\bnook\b|pocketbook|\bprs-t\d|tolino|\bebook|\be-?reader\b|\bremarkable\b)"},
    {"Set-top box",
     R"(\broku|\bcrkey\b|chromecast|apple ?tv|\btvos\b|; ?aft[a-z0-9]{1,6}(?: build|\))|fire ?tv)"},
    {"Set-top box",
     R"(set-?top|\bstb\b|\bmi ?box|shield android tv|nexus player|humax|\bmag2\d\d\b|\btivo\b|enigma2)"},
    {"Set-top box", R"(\bkodi\b|\bxbmc\b|android ?box)"},
    {"TV",
     R"(smart-?[ _]?tv|hbbtv|google ?tv|netcast|web0s|webos\.tv|bravia|viera|aquos|\bdtv|nettv|inettv|opera tv)"},
    {"TV", R"(android ?tv|\btv\b|ce-html|vidaa|philipstv|\bmitv)"},

    // A Windows or ChromeOS that is none of the above; "Tablet PC" is a part of Windows.
    {"Desktop", R"(\bwindows nt\b|\bcros\b)"},

    {"Tablet",
     R"(\bipad|\btablet\b|kindle fire|\bkf[a-z]{2,6}(?: build|\))|playbook|touchpad|\bxoom\b|\bnexus (?:7|9|10)\b)"},
    {"Tablet",
     R"(\bpixel (?:c|tablet)\b|\bSM-[TPX]\d|\bGT-P\d|\btb-?\d{3}|\btab\b|mediapad|matepad|\bpad\b|iconia)"},
    {"Tablet", R"(\bsilk(?:-accelerated|/)(?!.*\bmobile\b)|^mozilla/(?!.*\bmobile\b).*\bandroid\b)"},
    {"Mobile", R"(\bipod\b)"},
    {"Phone",
     R"(\biphone|windows phone|\biemobile|windows (?:ce|mobile)|\bandroid\b.*\bmobile\b|\bmobile\b.*\bandroid\b)"},
    {"Phone",
     R"(\bblackberry|\bbb10\b|nokia|symbian|\bseries ?[346]0|kaios|\(mobile; |\(phone;|\bmidp\b|j2me|\bdocomo)"},
    {"Phone",
     R"(sonyericsson|\bmot-|\blge?-|samsung-(?:gt|sgh|sch|sm)|\bpalm|\bwebos/|ucweb|up\.browser|\bbada\b)"},
    {"Phone", R"(sailfish|tizen.*\bmobile\b)"},
    {"Mobile", R"(\bmobile\b|opera m(?:ini|obi)|\bandroid\b|\nos:(?:iOS|Android|KaiOS|HarmonyOS)\n)"},

    {"Desktop",
     R"(\nos:(?:Windows|Mac OS X|Linux|Ubuntu|Kubuntu|Fedora|Debian|Chrome OS|SUSE|Red Hat|CentOS)\n)"},
    {"Desktop",
     R"(\nos:(?:FreeBSD|OpenBSD|NetBSD|Solaris|Gentoo|Arch Linux|Slackware|Linux Mint|Mageia|BeOS)\n)"},
    {"Desktop", R"(\bx11;|macintosh|\bwin(?:dows|95|98|32)\b)"},
};

}  // namespace

Result<DeviceClasses> DeviceClasses::make() {
  DeviceClasses out;
  for (const auto& rule : kRules) TRY(out.rules_.add(rule.pattern, true));
  return out;
}

std::string_view DeviceClasses::of(std::string_view text, std::string_view system,
                                   const AgentPatterns::Device& device) const {
  std::string subject(text);
  subject += "\nos:";
  subject += system;
  subject += "\ndevice:" + device.family + "\nbrand:" + device.brand + "\nmodel:" + device.model + "\n";
  const std::size_t rule = rules_.find(subject, Grams(subject), {});
  return rule == FirstMatch::kNone ? kUnknown : kRules[rule].device_class;
}

}  // namespace headwater::mapping
