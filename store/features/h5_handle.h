// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <hdf5.h>

#include <string>
#include <utility>

#include "clippath/core/result.h"

namespace clippath {

/// An HDF5 object, closed at its end. One thread at a time for all of them: Debian's library has no
/// lock.
class H5Handle {
 public:
  using Close = herr_t (*)(hid_t);

  H5Handle(hid_t id, Close closer) : id_(id), close_(closer) {}
  ~H5Handle() {
    if (id_ >= 0) close_(id_);
  }
  H5Handle(H5Handle&& other) noexcept : id_(std::exchange(other.id_, -1)), close_(other.close_) {}
  H5Handle& operator=(H5Handle&& other) noexcept {
    std::swap(id_, other.id_);
    std::swap(close_, other.close_);
    return *this;
  }

  [[nodiscard]] hid_t get() const { return id_; }
  [[nodiscard]] bool valid() const { return id_ >= 0; }
  /// Closes now; false if that failed, as a file's last writes can.
  bool close() { return close_(std::exchange(id_, -1)) >= 0; }

 private:
  hid_t id_;
  Close close_;
};

/// Keeps HDF5 from writing to stderr, and from loading filters that a file names.
void silence_h5();

/// The library's own words about its last failure; empty where it has none.
std::string h5_reason();

}  // namespace clippath
