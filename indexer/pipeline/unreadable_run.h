// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace clippath {

/// Tiles of a slide that could not be read, one after the other in reading order: after so many in
/// a row nothing more is read of it. Damage comes in pieces, and each try may cost a decoder's
/// time limit.
class UnreadableRun {
 public:
  static constexpr int kMost = 200;

  void add(bool readable) { length_ = readable ? 0 : length_ + 1; }
  [[nodiscard]] bool too_long() const { return length_ >= kMost; }

 private:
  int length_ = 0;
};

}  // namespace clippath
