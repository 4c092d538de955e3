#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace headwater::lake {

/// Writes Thrift's compact protocol, which Parquet's page headers and footer are in. Fields of a struct
/// are written in ascending order of their ids.
class ThriftWriter {
 public:
  enum class Type : std::uint8_t { i32 = 5, i64 = 6, binary = 8, list = 9, structure = 12 };

  explicit ThriftWriter(std::string& out) : out_(out) {}

  void i32(int field, std::int32_t value);
  void i64(int field, std::int64_t value);
  void boolean(int field, bool value);
  void binary(int field, std::string_view bytes);
  /// Fields that follow belong to the structure until `end`.
  void begin(int field);
  /// The next element of a list of structures begins.
  void begin_element() { last_.push_back(0); }
  void end();
  /// `size` elements follow: `begin_element` or one of the element functions for each.
  void list(int field, Type elements, std::size_t size);
  void i32_element(std::int32_t value);
  void binary_element(std::string_view bytes);
  /// An empty structure as a field: how Thrift's unions name a case without members.
  void empty(int field) {
    begin(field);
    end();
  }

 private:
  void header(int field, std::uint8_t type);
  void varint(std::uint64_t value);

  std::string& out_;
  std::vector<int> last_{0};  // the last field's id, for each structure entered
};

}  // namespace headwater::lake
