// SPDX-License-Identifier: Apache-2.0
#include "store/generation/generation_files.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <ctime>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "clippath/core/digest.h"
#include "clippath/core/files.h"

namespace clippath {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kMaxManifestBytes = 64U << 10U;
constexpr const char* kManifestName = "manifest.json";
constexpr const char* kVectorsName = "vectors.faiss";

fs::path generations_folder(const DataFolder& folder) { return folder.path() / "generations"; }

Error file_error(const std::error_code& error, const fs::path& path, const char* what) {
  return system_error(error.value(), path.string() + ": cannot be " + what);
}

std::string sha256_hex(std::string_view text) {
  Sha256 digest;
  digest.update(text);
  return to_hex(digest.finish());
}

Result<void> make_folder(const fs::path& path) {
  std::error_code error;
  if (fs::create_directories(path, error)) return sync_folder(path.parent_path());
  if (error) return fail(file_error(error, path, "created"));
  return {};
}

std::string utc_stamp() {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y%m%dT%H%M%SZ", &parts)};
}

/// The numbers of the generations on disk, of both collections and all encoders.
Result<std::vector<std::uint64_t>> numbers_on_disk(const DataFolder& folder) {
  std::vector<std::uint64_t> numbers;
  std::error_code error;
  fs::directory_iterator entry(generations_folder(folder), error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    std::uint64_t number = 0;
    const char* end = name.data() + name.size();
    const auto [rest, fault] = std::from_chars(name.data(), end, number);
    if (fault == std::errc() && rest == end) numbers.push_back(number);
  }
  if (error) return fail(file_error(error, generations_folder(folder), "read"));
  return numbers;
}

/// One counter for all of them, so that a number names one folder.
Result<std::uint64_t> next_number(const DataFolder& folder) {
  CLIPPATH_TRY(const auto numbers, numbers_on_disk(folder));
  std::uint64_t last = numbers.empty() ? 0 : *std::ranges::max_element(numbers);
  for (const EncoderEntry& encoder : folder.encoders()) {
    for (const Collection collection : {Collection::kPatches, Collection::kReports}) {
      CLIPPATH_TRY(const auto current, folder.records().current_generation(collection, encoder.id));
      if (current) last = std::max(last, current->number);
    }
  }
  return last + 1;
}

Result<std::string> read_manifest_text(const DataFolder& folder, std::uint64_t generation) {
  return read_text_file(generation_folder(folder, generation) / kManifestName, kMaxManifestBytes);
}

/// Removes what came before the previous generation of the same vectors. Disposable files: what
/// cannot be removed stays, and is tried again next time.
Result<void> remove_older(const DataFolder& folder, const GenerationManifest& newest,
                          std::uint64_t previous) {
  CLIPPATH_TRY(const auto numbers, numbers_on_disk(folder));
  for (const std::uint64_t number : numbers) {
    if (number >= previous) continue;
    const auto text = read_manifest_text(folder, number);
    if (!text) continue;
    const auto manifest = decode_manifest(*text);
    std::error_code ignored;
    if (manifest && manifest->collection == newest.collection &&
        manifest->encoder == newest.encoder)
      fs::remove_all(generation_folder(folder, number), ignored);
  }
  return {};
}

/// Fills `building` and moves it to its number. Nothing is left behind when it fails.
Result<std::string> write_files(const fs::path& building, const fs::path& to,
                                GenerationManifest& manifest, const VectorIndex& vectors) {
  CLIPPATH_TRY_VOID(make_folder(building));
  const fs::path vectors_path = building / kVectorsName;
  CLIPPATH_TRY(manifest.vectors.sha256, vectors.write(vectors_path));
  std::error_code error;
  manifest.vectors.size_bytes = fs::file_size(vectors_path, error);
  if (error) return fail(file_error(error, vectors_path, "measured"));
  const std::string text = encode_manifest(manifest);
  CLIPPATH_TRY_VOID(write_file_durably(
      building / kManifestName, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}));
  fs::rename(building, to, error);
  if (error) return fail(file_error(error, to, "created"));
  CLIPPATH_TRY_VOID(sync_folder(to.parent_path()));
  return sha256_hex(text);
}

}  // namespace

fs::path generation_folder(const DataFolder& folder, std::uint64_t generation) {
  return generations_folder(folder) / std::to_string(generation);
}

Result<LoadedGeneration> load_generation(const DataFolder& folder, Collection collection,
                                         const Records::CurrentGeneration& current) {
  CLIPPATH_TRY(const std::string text, read_manifest_text(folder, current.number));
  if (sha256_hex(text) != current.manifest_sha256)
    return fail(ErrorKind::kCorruption, "manifest.json has another SHA-256");
  auto manifest = decode_manifest(text);
  if (!manifest) return fail(manifest.error().within("manifest.json"));
  if (manifest->collection != collection || manifest->generation != current.number)
    return fail(ErrorKind::kCorruption, "manifest.json is that of another generation");
  const fs::path path = generation_folder(folder, current.number) / kVectorsName;
  CLIPPATH_TRY(auto vectors, read_flat_index(path, manifest->vectors.sha256, manifest->rows,
                                             manifest->dimension));
  return LoadedGeneration{*std::move(manifest), std::move(vectors)};
}

Result<LoadedGeneration> publish_generation(DataFolder& folder, GenerationManifest manifest,
                                            std::unique_ptr<const VectorIndex> vectors) {
  const Collection collection = manifest.collection;
  CLIPPATH_TRY_VOID(make_folder(generations_folder(folder)));
  CLIPPATH_TRY(manifest.generation, next_number(folder));
  CLIPPATH_TRY(const auto previous,
               folder.records().current_generation(collection, manifest.encoder));
  const fs::path to = generation_folder(folder, manifest.generation);
  fs::path building = to;
  building += ".tmp";

  Records::CurrentGeneration current{manifest.generation, ""};
  auto manifest_sha256 = write_files(building, to, manifest, *vectors);
  if (!manifest_sha256) {
    std::error_code ignored;
    fs::remove_all(building, ignored);
    return fail(manifest_sha256.error());
  }
  current.manifest_sha256 = *std::move(manifest_sha256);
  vectors.reset();
  CLIPPATH_TRY(auto loaded, load_generation(folder, collection, current));
  CLIPPATH_TRY_VOID(folder.records().set_current_generation(collection, manifest.encoder, current));
  if (previous) CLIPPATH_TRY_VOID(remove_older(folder, manifest, previous->number));
  return loaded;
}

Result<void> quarantine_generation(const DataFolder& folder, std::uint64_t generation) {
  const fs::path from = generation_folder(folder, generation);
  std::error_code error;
  if (!fs::exists(from, error)) return {};
  const fs::path quarantine = folder.path() / "quarantine";
  CLIPPATH_TRY_VOID(make_folder(quarantine));
  const std::string name = utc_stamp() + "-generation-" + std::to_string(generation);
  fs::rename(from, quarantine / name, error);
  if (error) return fail(file_error(error, from, "moved to quarantine"));
  CLIPPATH_TRY_VOID(sync_folder(quarantine));
  return sync_folder(generations_folder(folder));
}

}  // namespace clippath
