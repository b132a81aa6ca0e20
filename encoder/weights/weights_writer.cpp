// SPDX-License-Identifier: Apache-2.0
#include "encoder/weights/weights_writer.h"

#include <algorithm>
#include <array>
#include <utility>

#include "clippath/core/check.h"
#include "core/json/json.h"

namespace clippath {
namespace {

// The order of safetensors' own writer.
constexpr std::array kWriteOrder = {
    TensorType::kI64, TensorType::kF64, TensorType::kF32, TensorType::kI32, TensorType::kBf16,
    TensorType::kF16, TensorType::kI16, TensorType::kI8,  TensorType::kU8,  TensorType::kBool};

std::ptrdiff_t rank_of(TensorType type) {
  return std::find(kWriteOrder.begin(), kWriteOrder.end(), type) - kWriteOrder.begin();
}

bool comes_first(const TensorPlan& one, const TensorPlan& other) {
  return std::pair(rank_of(one.type), std::string_view(one.name)) <
         std::pair(rank_of(other.type), std::string_view(other.name));
}

std::string entry_of(const TensorPlan& tensor, std::uint64_t begin, std::uint64_t end) {
  return to_text(Json(tensor.name)) + R"(:{"dtype":")" + std::string(to_string(tensor.type)) +
         R"(","shape":)" + to_text(Json(tensor.shape)) + R"(,"data_offsets":)" +
         to_text(Json{begin, end}) + "}";
}

/// The JSON of the header, padded with spaces. Entries stand in the order of their data, which an
/// object of sorted names cannot give.
Result<std::string> header_of(const std::vector<TensorPlan>& plan, const TensorMetadata& metadata) {
  std::string header = "{";
  if (!metadata.empty()) header += R"("__metadata__":)" + to_text(Json(metadata));
  std::uint64_t begin = 0;
  for (const TensorPlan& tensor : plan) {
    CLIPPATH_TRY(const std::uint64_t bytes, tensor.bytes());
    if (header.size() > 1) header += ',';
    header += entry_of(tensor, begin, begin + bytes);
    begin += bytes;
  }
  header += '}';
  header.resize((header.size() + 7) / 8 * 8, ' ');
  if (header.size() <= kMaxTensorHeaderBytes) return header;
  return fail(ErrorKind::kTooLarge, "the header of the tensors would have " +
                                        std::to_string(header.size()) + " bytes; the limit is " +
                                        std::to_string(kMaxTensorHeaderBytes));
}

std::array<std::uint8_t, 8> little_endian(std::uint64_t value) {
  std::array<std::uint8_t, 8> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<std::uint8_t>(value >> (8 * i));
  }
  return bytes;
}

}  // namespace

Result<std::uint64_t> TensorPlan::bytes() const {
  std::uint64_t bytes = size_bytes(type);
  for (std::int64_t side : shape) {
    if (side <= 0 || __builtin_mul_overflow(bytes, static_cast<std::uint64_t>(side), &bytes)) {
      return fail(ErrorKind::kInvalidArgument,
                  "tensor " + name + ": cannot be written with the shape " + to_text(shape));
    }
  }
  return bytes;
}

Result<WeightsWriter> WeightsWriter::create(const std::filesystem::path& path,
                                            std::vector<TensorPlan> plan,
                                            const TensorMetadata& metadata) {
  std::sort(plan.begin(), plan.end(), comes_first);
  auto header = header_of(plan, metadata);
  if (!header) return fail(header.error().within(path.string()));
  CLIPPATH_TRY(StagedFile file, StagedFile::create(path));
  CLIPPATH_TRY_VOID(file.append(little_endian(header->size())));
  CLIPPATH_TRY_VOID(file.append(*header));
  return WeightsWriter(std::move(file), std::move(plan));
}

Result<void> WeightsWriter::append(std::span<const std::uint8_t> bytes) {
  CLIPPATH_CHECK(next_ < plan_.size() && bytes.size() == *plan_[next_].bytes());
  ++next_;
  return file_.append(bytes);
}

Result<void> WeightsWriter::commit() {
  CLIPPATH_CHECK(next_ == plan_.size());
  return file_.commit();
}

Result<void> write_weights_file(const std::filesystem::path& path, const TensorTable& tensors,
                                const TensorMetadata& metadata) {
  std::vector<TensorPlan> plan;
  for (const auto& [name, tensor] : tensors) plan.push_back({name, tensor.type, tensor.shape});
  CLIPPATH_TRY(WeightsWriter writer, WeightsWriter::create(path, std::move(plan), metadata));
  for (const TensorPlan& tensor : writer.plan()) {
    CLIPPATH_TRY_VOID(writer.append(tensors.find(tensor.name)->second.bytes));
  }
  return writer.commit();
}

}  // namespace clippath
