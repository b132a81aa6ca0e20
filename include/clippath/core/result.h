// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

#include "clippath/core/error.h"

namespace clippath {

/// A value or the reason why there is none. Ignoring one is a compiler warning.
///
/// Thin on purpose, so that `std::expected` can take its place once C++23 may be required.
template <class T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
 public:
  using tl::expected<T, Error>::expected;
};

/// Makes the failed side of any Result: `return fail(ErrorKind::kNotFound, "no slide 'x'");`
inline tl::unexpected<Error> fail(ErrorKind kind, std::string message) {
  return tl::unexpected<Error>(Error{kind, std::move(message)});
}

/// As above, from an error that another call returned.
inline tl::unexpected<Error> fail(Error error) { return tl::unexpected<Error>(std::move(error)); }

}  // namespace clippath

#define CLIPPATH_CONCAT_INNER(a, b) a##b
#define CLIPPATH_CONCAT(a, b) CLIPPATH_CONCAT_INNER(a, b)

#define CLIPPATH_TRY_INNER(result, declaration, expression)        \
  auto result = (expression);                                      \
  if (!result) return ::clippath::fail(std::move(result.error())); \
  declaration = std::move(*result)

/// `CLIPPATH_TRY(auto slide, open_slide(path));` declares `slide`, or returns the error to the
/// caller.
#define CLIPPATH_TRY(declaration, expression) \
  CLIPPATH_TRY_INNER(CLIPPATH_CONCAT(result_, __LINE__), declaration, expression)

/// `CLIPPATH_TRY_VOID(store.commit());` returns the error to the caller, if there is one.
#define CLIPPATH_TRY_VOID(expression)                                                            \
  do {                                                                                           \
    if (auto result = (expression); !result) return ::clippath::fail(std::move(result.error())); \
  } while (false)
