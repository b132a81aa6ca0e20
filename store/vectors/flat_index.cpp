// SPDX-License-Identifier: Apache-2.0
#include <faiss/Index.h>
#include <faiss/IndexScalarQuantizer.h>
#include <faiss/impl/DistanceComputer.h>
#include <faiss/impl/FaissException.h>
#include <faiss/impl/IDSelector.h>
#include <faiss/index_io.h>
#include <omp.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

#include "clippath/core/check.h"
#include "clippath/vectors.h"
#include "store/vectors/file_stream.h"

namespace clippath {
namespace {

/// Room for ties beyond the k-th hit, so that a few of them cost no second search.
constexpr std::int64_t kSpareHits = 8;
constexpr std::size_t kMostDimensions = 65536;

/// Searches already run beside each other, one a thread; a team of helpers for each would only
/// wait for the others. The setting belongs to the calling thread.
class OneOpenMpThread {
 public:
  OneOpenMpThread() : before_(omp_get_max_threads()) { omp_set_num_threads(1); }
  ~OneOpenMpThread() { omp_set_num_threads(before_); }
  OneOpenMpThread(const OneOpenMpThread&) = delete;
  OneOpenMpThread& operator=(const OneOpenMpThread&) = delete;

 private:
  const int before_;
};

bool all_finite(std::span<const float> values) {
  return std::ranges::all_of(values, [](float value) { return std::isfinite(value); });
}

/// Runs a call into FAISS; its exceptions end here.
template <class Call>
Result<void> guarded(ErrorKind kind, const std::string& what, Call call) {
  try {
    const OneOpenMpThread one_thread;
    call();
    return {};
  } catch (const std::exception& error) {
    return fail(kind, what + ": " + error.what());
  }
}

class FlatIndex : public VectorIndex {
 public:
  explicit FlatIndex(std::unique_ptr<const faiss::IndexScalarQuantizer> index)
      : index_(std::move(index)) {}

  std::int64_t rows() const override { return index_->ntotal; }
  std::size_t dimension() const override { return static_cast<std::size_t>(index_->d); }

  Result<std::vector<RowHit>> search(std::span<const float> query, std::int64_t k,
                                     const RowSet* allowed) const override {
    CLIPPATH_TRY_VOID(check(query));
    if (k < 1)
      return fail({ErrorKind::kInvalidArgument, "k: must be at least 1, is " + std::to_string(k),
                   "k", "1"});
    CLIPPATH_CHECK(allowed == nullptr || allowed->rows() == rows());
    const std::int64_t candidates = allowed == nullptr ? rows() : allowed->count();
    const std::int64_t wanted = std::min(k, candidates);
    if (wanted == 0) return std::vector<RowHit>();

    // FAISS keeps any of several equal rows at the end of its list. The answer is settled once
    // something less similar was seen, or all there is.
    std::int64_t asked = std::min(wanted + kSpareHits, candidates);
    for (;;) {
      CLIPPATH_TRY(auto hits, nearest(query, asked, allowed));
      const auto last_wanted = hits.begin() + (wanted - 1);
      if (asked == candidates || hits.back().similarity < last_wanted->similarity) {
        std::ranges::sort(hits, [](const RowHit& a, const RowHit& b) {
          return a.similarity != b.similarity ? a.similarity > b.similarity : a.row < b.row;
        });
        hits.resize(static_cast<std::size_t>(wanted));
        return hits;
      }
      asked = std::min(4 * asked, candidates);
    }
  }

  Result<std::vector<float>> similarities(std::span<const float> query,
                                          std::span<const std::int64_t> rows) const override {
    CLIPPATH_TRY_VOID(check(query));
    std::vector<float> values(rows.size());
    CLIPPATH_TRY_VOID(guarded(ErrorKind::kInternal, "vector index", [&] {
      const std::unique_ptr<faiss::FlatCodesDistanceComputer> similarity(
          index_->get_FlatCodesDistanceComputer());
      similarity->set_query(query.data());
      for (std::size_t i = 0; i < rows.size(); ++i) {
        CLIPPATH_CHECK(rows[i] >= 0 && rows[i] < index_->ntotal);
        values[i] = (*similarity)(rows[i]);
      }
    }));
    return values;
  }

  Embedding vector(std::int64_t row) const override {
    CLIPPATH_CHECK(row >= 0 && row < rows());
    Embedding values(dimension());
    const OneOpenMpThread one_thread;
    index_->sa_decode(1, index_->codes.data() + static_cast<std::size_t>(row) * index_->code_size,
                      values.data());
    return values;
  }

  Result<std::string> write(const std::filesystem::path& path) const override {
    CLIPPATH_TRY(const auto file, FileWriter::create(path));
    const auto written = guarded(ErrorKind::kInternal, path.string(),
                                 [&] { faiss::write_index(index_.get(), file.get()); });
    auto digest = file->finish();
    // The error of the file says more than FAISS's about the same write.
    if (digest && !written) return fail(written.error());
    return digest;
  }

 private:
  [[nodiscard]] Result<void> check(std::span<const float> query) const {
    if (query.size() != dimension()) {
      const std::string limit = std::to_string(dimension());
      return fail(
          {ErrorKind::kInvalidArgument,
           "query vector: has " + std::to_string(query.size()) + " values, must have " + limit,
           "vector", limit});
    }
    if (all_finite(query)) return {};
    return fail({ErrorKind::kInvalidArgument, "query vector: has a value that is not finite",
                 "vector", "finite"});
  }

  /// `asked` rows, 1 <= asked <= allowed rows, by falling similarity; ties in any order.
  Result<std::vector<RowHit>> nearest(std::span<const float> query, std::int64_t asked,
                                      const RowSet* allowed) const {
    const auto count = static_cast<std::size_t>(asked);
    std::vector<float> similarities(count);
    std::vector<std::int64_t> rows(count, -1);
    CLIPPATH_TRY_VOID(guarded(ErrorKind::kInternal, "vector index", [&] {
      faiss::SearchParameters parameters;
      faiss::IDSelectorBitmap selector(allowed == nullptr ? 0 : allowed->bytes().size(),
                                       allowed == nullptr ? nullptr : allowed->bytes().data());
      if (allowed != nullptr) parameters.sel = &selector;
      index_->search(1, query.data(), asked, similarities.data(), rows.data(), &parameters);
    }));
    std::vector<RowHit> hits(count);
    for (std::size_t i = 0; i < count; ++i) {
      CLIPPATH_CHECK(rows[i] >= 0);
      hits[i] = {rows[i], similarities[i]};
    }
    return hits;
  }

  const std::unique_ptr<const faiss::IndexScalarQuantizer> index_;
};

/// A number that FAISS read from the file unchecked: as an enumerator it may not be looked at.
template <class Enumeration>
bool holds(const Enumeration& stored, Enumeration wanted) {
  return std::memcmp(&stored, &wanted, sizeof stored) == 0;
}

/// The first thing in which a read index is not what was asked for, or null.
const char* mismatch(const faiss::IndexScalarQuantizer& index, std::int64_t rows,
                     std::size_t dimension) {
  if (!holds(index.sq.qtype, faiss::ScalarQuantizer::QT_fp16)) return "type";
  if (!holds(index.metric_type, faiss::METRIC_INNER_PRODUCT)) return "metric";
  if (index.d < 0 || static_cast<std::size_t>(index.d) != dimension) return "dimension";
  if (index.sq.d != dimension || index.code_size != 2 * dimension) return "dimension";
  if (index.ntotal != rows) return "number of rows";
  if (index.codes.size() != static_cast<std::size_t>(rows) * index.code_size)
    return "number of rows";
  return nullptr;
}

}  // namespace

Result<std::unique_ptr<const VectorIndex>> make_flat_index(const EmbeddingMatrix& vectors) {
  CLIPPATH_CHECK(vectors.values.size() == vectors.rows * vectors.dimension);
  if (vectors.dimension < 1 || vectors.dimension > kMostDimensions) {
    const std::string limit = "1.." + std::to_string(kMostDimensions);
    return fail({ErrorKind::kInvalidArgument,
                 "dimension: must be " + limit + ", is " + std::to_string(vectors.dimension),
                 "dimension", limit});
  }
  if (!all_finite(vectors.values))
    return fail(ErrorKind::kInvalidArgument, "vectors: have a value that is not finite");
  std::unique_ptr<faiss::IndexScalarQuantizer> index;
  CLIPPATH_TRY_VOID(guarded(ErrorKind::kInternal, "vector index", [&] {
    index = std::make_unique<faiss::IndexScalarQuantizer>(static_cast<int>(vectors.dimension),
                                                          faiss::ScalarQuantizer::QT_fp16,
                                                          faiss::METRIC_INNER_PRODUCT);
    index->add(static_cast<std::int64_t>(vectors.rows), vectors.values.data());
  }));
  return std::make_unique<const FlatIndex>(std::move(index));
}

Result<std::unique_ptr<const VectorIndex>> read_flat_index(const std::filesystem::path& path,
                                                           const std::string& sha256,
                                                           std::int64_t rows,
                                                           std::size_t dimension) {
  CLIPPATH_TRY(const auto file, FileReader::open(path));
  CLIPPATH_TRY(const std::string digest, file->digest());
  if (digest != sha256)
    return fail(ErrorKind::kCorruption, path.string() + ": has another SHA-256");
  std::unique_ptr<faiss::Index> index;
  CLIPPATH_TRY_VOID(guarded(ErrorKind::kCorruption, path.string(),
                            [&] { index.reset(faiss::read_index(file.get())); }));
  const auto* flat = dynamic_cast<const faiss::IndexScalarQuantizer*>(index.get());
  const char* what = flat == nullptr ? "type" : mismatch(*flat, rows, dimension);
  if (what != nullptr)
    return fail(ErrorKind::kCorruption, path.string() + ": the index has another " + what);
  if (!file->at_end())
    return fail(ErrorKind::kCorruption, path.string() + ": goes on behind the index");
  index.release();
  return std::make_unique<const FlatIndex>(
      std::unique_ptr<const faiss::IndexScalarQuantizer>(flat));
}

std::string vector_library_version() {
  return std::to_string(FAISS_VERSION_MAJOR) + "." + std::to_string(FAISS_VERSION_MINOR) + "." +
         std::to_string(FAISS_VERSION_PATCH);
}

}  // namespace clippath
