#include "secrets/vault.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>
#include <vector>

#include "base/file.h"

namespace headwater::secrets {
namespace {

class VaultTest : public testing::Test {
 protected:
  TemporaryFolder folder_ = *TemporaryFolder::make("headwater-vault");
  std::filesystem::path key_ = folder_.path() / "keys" / "vault.key";
};

TEST_F(VaultTest, MakesAKeyFileOnlyTheOwnerMayRead) {
  ASSERT_TRUE(Vault::open(key_));
  struct stat status{};
  ASSERT_EQ(::stat(key_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(key_.parent_path()), {}), 1)
      << "a draft was left";
}

TEST_F(VaultTest, OpensWhatAnotherProcessSealed) {
  const auto sealed = Vault::open(key_)->seal("connection-1", "/password", Secret("s3cret"));
  EXPECT_EQ(sealed.find("s3cret"), std::string::npos);
  const auto opened = Vault::open(key_)->unseal("connection-1", "/password", sealed);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->reveal(), "s3cret");
}

TEST_F(VaultTest, RefusesAnotherOwnerNameKeyOrChangedBytes) {
  const auto vault = *Vault::open(key_);
  auto sealed = vault.seal("ab", "c", Secret("s3cret"));
  EXPECT_FALSE(vault.unseal("a", "bc", sealed));
  EXPECT_FALSE(vault.unseal("ab", "d", sealed));
  EXPECT_FALSE(Vault::open(folder_.path() / "other.key")->unseal("ab", "c", sealed));
  sealed.back() = static_cast<char>(sealed.back() ^ 1);
  const auto changed = vault.unseal("ab", "c", sealed);
  ASSERT_FALSE(changed);
  EXPECT_EQ(changed.error().kind, ErrorKind::storage);
  EXPECT_EQ(changed.error().message.find("s3cret"), std::string::npos);
}

TEST_F(VaultTest, SealsTheSameTextDifferentlyEachTime) {
  const auto vault = *Vault::open(key_);
  EXPECT_NE(vault.seal("a", "b", Secret("x")), vault.seal("a", "b", Secret("x")));
}

TEST_F(VaultTest, RefusesAKeyFileThatOthersMayRead) {
  ASSERT_TRUE(Vault::open(key_));
  std::filesystem::permissions(key_, std::filesystem::perms::group_read, std::filesystem::perm_options::add);
  const auto opened = Vault::open(key_);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, ErrorKind::forbidden);
  EXPECT_NE(opened.error().message.find("chmod 600 " + key_.string()), std::string::npos)
      << opened.error().message;
}

TEST_F(VaultTest, RefusesAFileThatIsNoKey) {
  const auto path = folder_.path() / "wrong.key";
  ASSERT_TRUE(write_file_durably(path, "hello\n", 0600));
  const auto opened = Vault::open(path);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, ErrorKind::storage);
  EXPECT_NE(opened.error().message.find(path.string()), std::string::npos);
}

TEST_F(VaultTest, DerivedKeysAreStableAndDifferByPurpose) {
  const auto vault = *Vault::open(key_);
  EXPECT_EQ(vault.derive_key("access-token"), Vault::open(key_)->derive_key("access-token"));
  EXPECT_NE(vault.derive_key("access-token"), vault.derive_key("other"));
  EXPECT_EQ(vault.derive_key("access-token").reveal().size(), 32U);
}

TEST_F(VaultTest, TwoFirstStartsAtOnceEndWithOneKey) {
  std::vector<std::thread> starters;
  std::vector<std::string> keys(8);
  starters.reserve(keys.size());
  for (auto& key : keys)
    starters.emplace_back([&] {
      const auto vault = Vault::open(key_);
      if (vault) key = vault->derive_key("same").reveal();
    });
  for (auto& starter : starters) starter.join();
  EXPECT_FALSE(keys[0].empty());
  for (const auto& key : keys) EXPECT_EQ(key, keys[0]);
}

}  // namespace
}  // namespace headwater::secrets
