// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <variant>

namespace clippath {

/// A calendar day, `YYYY-MM-DD`.
struct Date {
  std::string iso;
  friend auto operator<=>(const Date&, const Date&) = default;
};

/// The value of a user's own column: text, number, yes/no or day.
using FieldValue = std::variant<std::string, double, bool, Date>;

/// A user's own columns by name (snake_case as the manifest spells them).
using Fields = std::map<std::string, FieldValue>;

/// Reads the type off the text: `true|false|yes|no` is a bool, `YYYY-MM-DD` a day, a whole decimal
/// number a number, all else text.
FieldValue parse_field(const std::string& text);

/// The value as a person wrote it: parse_field(to_text(v)) == v for every value that parse_field
/// made.
std::string to_text(const FieldValue& value);

}  // namespace clippath
