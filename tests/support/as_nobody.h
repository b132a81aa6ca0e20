// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <unistd.h>

#include "clippath/core/check.h"

namespace clippath::test {

/// The process as a user without rights of their own, for a scope: root may read every file.
class AsNobody {
 public:
  AsNobody() : user_(::geteuid()) {
    if (user_ == 0) CLIPPATH_CHECK(::seteuid(kNobody) == 0);
  }
  ~AsNobody() { CLIPPATH_CHECK(::seteuid(user_) == 0); }
  AsNobody(const AsNobody&) = delete;
  AsNobody& operator=(const AsNobody&) = delete;

 private:
  static constexpr uid_t kNobody = 65534;
  uid_t user_;
};

}  // namespace clippath::test
