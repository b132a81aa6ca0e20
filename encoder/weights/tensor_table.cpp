// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <optional>

#include "core/json/json.h"
#include "encoder/weights/weights_file.h"

namespace clippath {
namespace {

constexpr std::uint64_t kPrefixBytes = 8;
constexpr const char* kMetadataKey = "__metadata__";
constexpr std::size_t kMaxTensors = 65'536;
constexpr std::size_t kMaxDimensions = 8;

struct TypeName {
  TensorType type;
  std::string_view name;
  std::size_t size_bytes;
};

constexpr std::array<TypeName, 10> kTypes = {{{TensorType::kF64, "F64", 8},
                                              {TensorType::kF32, "F32", 4},
                                              {TensorType::kF16, "F16", 2},
                                              {TensorType::kBf16, "BF16", 2},
                                              {TensorType::kI64, "I64", 8},
                                              {TensorType::kI32, "I32", 4},
                                              {TensorType::kI16, "I16", 2},
                                              {TensorType::kI8, "I8", 1},
                                              {TensorType::kU8, "U8", 1},
                                              {TensorType::kBool, "BOOL", 1}}};

const TypeName& row_of(TensorType type) {
  return *std::find_if(kTypes.begin(), kTypes.end(),
                       [&](const TypeName& row) { return row.type == type; });
}

tl::unexpected<Error> corrupt(const std::string& message) {
  return fail(ErrorKind::kCorruption, message);
}

/// The first bytes of a pickle are also the length of some headers, behind which there is '{'.
bool is_pickle(std::span<const std::uint8_t> file) {
  if (file.size() > kPrefixBytes && file[kPrefixBytes] == '{') return false;
  const bool zip = file.size() > 4 && std::memcmp(file.data(), "PK\x03\x04", 4) == 0;
  const bool raw = file.size() > 2 && file[0] == 0x80 && file[1] >= 1 && file[1] <= 5;
  return zip || raw;
}

/// What a clone without Git LFS leaves in the place of a large file.
bool is_lfs_pointer(std::span<const std::uint8_t> file) {
  constexpr std::string_view kBegin = "version https://git-lfs.";
  return file.size() > kBegin.size() && std::memcmp(file.data(), kBegin.data(), kBegin.size()) == 0;
}

Result<std::string_view> read_header(std::span<const std::uint8_t> file) {
  if (is_pickle(file)) {
    return fail(ErrorKind::kUnsupported,
                "is a pickle or zip file of PyTorch, which is never read; make safetensors of it "
                "with scripts/convert_weights.py");
  }
  if (is_lfs_pointer(file)) {
    return fail(ErrorKind::kUnsupported,
                "is a Git LFS pointer, not the weights; fetch them with git lfs pull");
  }
  if (file.size() < kPrefixBytes + 2) return corrupt("is too short for a safetensors file");
  std::uint64_t length = 0;
  for (std::size_t i = 0; i < kPrefixBytes; ++i) length |= std::uint64_t{file[i]} << (8 * i);
  if (length > kMaxTensorHeaderBytes) {
    return fail(ErrorKind::kTooLarge, "its header claims " + std::to_string(length) +
                                          " bytes; the limit is " +
                                          std::to_string(kMaxTensorHeaderBytes));
  }
  if (length > file.size() - kPrefixBytes) return corrupt("is cut off within its header");
  if (file[kPrefixBytes] != '{') return corrupt("its header does not begin with '{'");
  // Bytes as text: the one view of them that a parser takes.
  const std::string_view header(reinterpret_cast<const char*>(file.data()) + kPrefixBytes,
                                static_cast<std::size_t>(length));
  // JSON has no raw NUL, and the parser takes one for the end of the text.
  if (header.find('\0') != std::string_view::npos) return corrupt("its header holds a NUL byte");
  return header;
}

/// Non-negative whole numbers only; safetensors has no others.
std::optional<std::uint64_t> whole_number(const Json& value) {
  if (value.is_number_unsigned()) return value.get<std::uint64_t>();
  return std::nullopt;
}

Result<TensorType> read_type(const std::string& name, const Json& value) {
  if (!value.is_string()) return corrupt("tensor " + name + ": dtype is not a text");
  const auto& text = value.get_ref<const std::string&>();
  const auto* row = std::find_if(kTypes.begin(), kTypes.end(),
                                 [&](const TypeName& known) { return known.name == text; });
  if (row == kTypes.end()) {
    return fail(ErrorKind::kUnsupported, "tensor " + name + ": dtype " + text + " is not read");
  }
  return row->type;
}

Result<TensorShape> read_shape(const std::string& name, const Json& value) {
  if (!value.is_array() || value.size() > kMaxDimensions) {
    return corrupt("tensor " + name + ": shape is not a list of at most " +
                   std::to_string(kMaxDimensions) + " numbers");
  }
  TensorShape shape;
  for (const Json& side : value) {
    const auto number = whole_number(side);
    if (!number || *number > std::uint64_t{std::numeric_limits<std::int64_t>::max()}) {
      return corrupt("tensor " + name + ": shape holds something else than whole numbers");
    }
    if (*number == 0) return corrupt("tensor " + name + ": is empty (a side is 0)");
    shape.push_back(static_cast<std::int64_t>(*number));
  }
  return shape;
}

Result<std::uint64_t> needed_bytes(const std::string& name, TensorType type,
                                   const TensorShape& shape) {
  std::uint64_t bytes = size_bytes(type);
  for (std::int64_t side : shape) {
    if (__builtin_mul_overflow(bytes, static_cast<std::uint64_t>(side), &bytes)) {
      return corrupt("tensor " + name + ": the product of its shape " + to_text(shape) +
                     " overflows");
    }
  }
  return bytes;
}

struct Range {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

Result<Range> read_range(const std::string& name, const Json& value, std::uint64_t data_bytes) {
  if (!value.is_array() || value.size() != 2) {
    return corrupt("tensor " + name + ": data_offsets is not a pair");
  }
  const auto begin = whole_number(value[0]);
  const auto end = whole_number(value[1]);
  if (!begin || !end) return corrupt("tensor " + name + ": data_offsets are not whole numbers");
  if (*begin > *end) return corrupt("tensor " + name + ": data_offsets run backwards");
  if (*end > data_bytes) return corrupt("tensor " + name + ": reaches past the end of the file");
  return Range{*begin, *end};
}

Result<StoredTensor> read_tensor(const std::string& name, const Json& entry,
                                 std::span<const std::uint8_t> data) {
  if (!entry.is_object() || entry.size() != 3 || !entry.contains("dtype") ||
      !entry.contains("shape") || !entry.contains("data_offsets")) {
    return corrupt("tensor " + name + ": must have dtype, shape and data_offsets, nothing else");
  }
  StoredTensor tensor;
  CLIPPATH_TRY(tensor.type, read_type(name, entry["dtype"]));
  CLIPPATH_TRY(tensor.shape, read_shape(name, entry["shape"]));
  CLIPPATH_TRY(const Range range, read_range(name, entry["data_offsets"], data.size()));
  CLIPPATH_TRY(const std::uint64_t needed, needed_bytes(name, tensor.type, tensor.shape));
  if (range.end - range.begin != needed) {
    return corrupt("tensor " + name + ": has " + std::to_string(range.end - range.begin) +
                   " bytes, its shape needs " + std::to_string(needed));
  }
  tensor.bytes = data.subspan(static_cast<std::size_t>(range.begin),
                              static_cast<std::size_t>(range.end - range.begin));
  return tensor;
}

Result<TensorMetadata> read_metadata(const Json& json) {
  if (!json.is_object()) return corrupt("__metadata__ is not an object");
  TensorMetadata metadata;
  for (const auto& item : json.items()) {
    if (!item.value().is_string()) return corrupt("__metadata__ holds something else than texts");
    metadata.emplace(item.key(), item.value().get<std::string>());
  }
  return metadata;
}

Result<Json> parse_header(std::string_view header) {
  auto json = parse_json(header, {.max_bytes = kMaxTensorHeaderBytes,
                                  .max_depth = 4,
                                  .max_keys = kMaxTensors,
                                  .max_elements = kMaxDimensions});
  if (!json) return corrupt("its header is not valid: " + json.error().message);
  return json;
}

Result<void> check_tiling(const TensorTable& table, std::span<const std::uint8_t> data) {
  std::vector<std::pair<std::span<const std::uint8_t>, const std::string*>> ranges;
  for (const auto& [name, tensor] : table) ranges.emplace_back(tensor.bytes, &name);
  std::sort(ranges.begin(), ranges.end(),
            [](const auto& a, const auto& b) { return a.first.data() < b.first.data(); });
  const std::uint8_t* expected = data.data();
  for (const auto& [bytes, name] : ranges) {
    if (bytes.data() < expected) return corrupt("tensor " + *name + ": overlaps another");
    if (bytes.data() > expected) return corrupt("there is a hole before tensor " + *name);
    expected = bytes.data() + bytes.size();
  }
  if (expected != data.data() + data.size()) return corrupt("bytes are left over at the end");
  return {};
}

}  // namespace

std::string_view to_string(TensorType type) { return row_of(type).name; }

std::size_t size_bytes(TensorType type) { return row_of(type).size_bytes; }

bool is_floating(TensorType type) {
  return type == TensorType::kF64 || type == TensorType::kF32 || type == TensorType::kF16 ||
         type == TensorType::kBf16;
}

std::string to_text(const TensorShape& shape) {
  std::string text = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (i > 0) text += ", ";
    text += std::to_string(shape[i]);
  }
  return text + "]";
}

std::int64_t StoredTensor::element_count() const {
  return static_cast<std::int64_t>(bytes.size() / size_bytes(type));
}

Result<TensorTable> parse_tensor_table(std::span<const std::uint8_t> file) {
  CLIPPATH_TRY(const std::string_view header, read_header(file));
  const auto data = file.subspan(kPrefixBytes + header.size());
  CLIPPATH_TRY(const Json json, parse_header(header));

  TensorTable table;
  for (const auto& item : json.items()) {
    if (item.key() == kMetadataKey) {
      CLIPPATH_TRY_VOID(read_metadata(item.value()));
      continue;
    }
    CLIPPATH_TRY(auto tensor, read_tensor(item.key(), item.value(), data));
    table.emplace(item.key(), std::move(tensor));
  }
  CLIPPATH_TRY_VOID(check_tiling(table, data));
  return table;
}

Result<TensorMetadata> parse_metadata(std::span<const std::uint8_t> file) {
  CLIPPATH_TRY(const std::string_view header, read_header(file));
  CLIPPATH_TRY(const Json json, parse_header(header));
  if (!json.contains(kMetadataKey)) return TensorMetadata{};
  return read_metadata(json[kMetadataKey]);
}

}  // namespace clippath
