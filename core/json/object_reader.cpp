// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <sstream>

#include "core/json/json.h"

namespace clippath {
namespace {

std::string number_text(double value) {
  std::ostringstream text;
  text.precision(12);
  text << value;
  return text.str();
}

std::string range_text(double least, double most) {
  return number_text(least) + ".." + number_text(most);
}

}  // namespace

ObjectReader::ObjectReader(const Json& value, std::string path)
    : value_(value), path_(std::move(path)) {
  if (!value_.is_object()) {
    const std::string subject = path_.empty() ? "the document" : path_;
    reject(Error{ErrorKind::kInvalidArgument, subject + ": must be a JSON object", path_});
  }
}

std::string ObjectReader::path_of(const char* key) const {
  return path_.empty() ? key : path_ + "." + key;
}

void ObjectReader::reject(const char* key, const std::string& message, const std::string& limit) {
  const std::string path = path_of(key);
  reject(Error{ErrorKind::kInvalidArgument, path + ": " + message, path, limit});
}

void ObjectReader::reject(Error error) {
  if (!fault_) fault_ = std::move(error);
}

const Json* ObjectReader::find(const char* key) {
  known_.insert(key);
  if (!value_.is_object()) return nullptr;
  const auto found = value_.find(key);
  return found == value_.end() ? nullptr : &*found;
}

const Json* ObjectReader::any(const char* key) { return find(key); }

std::optional<std::string> ObjectReader::optional_text(const char* key, std::size_t max_bytes) {
  const Json* value = find(key);
  if (value == nullptr) return std::nullopt;
  if (!value->is_string()) {
    reject(key, "must be text");
    return std::nullopt;
  }
  const auto& text = value->get_ref<const std::string&>();
  if (text.size() > max_bytes) {
    const std::string limit = std::to_string(max_bytes) + " bytes";
    reject(key, "has " + std::to_string(text.size()) + " bytes; at most " + limit, limit);
    return std::nullopt;
  }
  return text;
}

std::string ObjectReader::text(const char* key, std::size_t max_bytes) {
  auto value = optional_text(key, max_bytes);
  if (!value) reject(key, "is required");
  return value.value_or("");
}

std::optional<std::int64_t> ObjectReader::optional_integer(const char* key, std::int64_t least,
                                                           std::int64_t most) {
  const Json* value = find(key);
  if (value == nullptr) return std::nullopt;
  const std::string limit = std::to_string(least) + ".." + std::to_string(most);
  // An unsigned number over int64 would wrap around in get<int64_t>.
  const bool fits =
      value->is_number_integer() &&
      !(value->is_number_unsigned() && value->get<std::uint64_t>() > std::uint64_t{INT64_MAX});
  if (!fits) {
    reject(key, "must be a whole number in " + limit, limit);
    return std::nullopt;
  }
  const auto number = value->get<std::int64_t>();
  if (number < least || number > most) {
    reject(key, "must be " + limit + ", is " + std::to_string(number), limit);
    return std::nullopt;
  }
  return number;
}

std::int64_t ObjectReader::integer(const char* key, std::int64_t least, std::int64_t most) {
  auto value = optional_integer(key, least, most);
  if (!value) reject(key, "is required");
  return value.value_or(least);
}

std::optional<double> ObjectReader::optional_number(const char* key, double least, double most) {
  const Json* value = find(key);
  if (value == nullptr) return std::nullopt;
  const std::string limit = range_text(least, most);
  if (!value->is_number()) {
    reject(key, "must be a number in " + limit, limit);
    return std::nullopt;
  }
  const auto number = value->get<double>();
  if (number < least || number > most) {
    reject(key, "must be " + limit + ", is " + number_text(number), limit);
    return std::nullopt;
  }
  return number;
}

double ObjectReader::number(const char* key, double least, double most) {
  auto value = optional_number(key, least, most);
  if (!value) reject(key, "is required");
  return value.value_or(least);
}

std::optional<bool> ObjectReader::optional_boolean(const char* key) {
  const Json* value = find(key);
  if (value == nullptr) return std::nullopt;
  if (!value->is_boolean()) {
    reject(key, "must be true or false");
    return std::nullopt;
  }
  return value->get<bool>();
}

std::vector<std::string> ObjectReader::optional_texts(const char* key, std::size_t max_items,
                                                      std::size_t max_bytes) {
  const Json* value = find(key);
  if (value == nullptr) return {};
  const std::string limit =
      std::to_string(max_items) + " texts of at most " + std::to_string(max_bytes) + " bytes";
  if (!value->is_array() || value->size() > max_items) {
    reject(key, "must be a list of at most " + limit, limit);
    return {};
  }
  std::vector<std::string> texts;
  for (const Json& item : *value) {
    if (!item.is_string() || item.get_ref<const std::string&>().size() > max_bytes) {
      reject(key, "must be a list of at most " + limit, limit);
      return {};
    }
    texts.push_back(item.get<std::string>());
  }
  return texts;
}

std::vector<double> ObjectReader::optional_numbers(const char* key, std::size_t max_items) {
  const Json* value = find(key);
  if (value == nullptr) return {};
  const std::string limit = std::to_string(max_items) + " numbers";
  if (!value->is_array() || value->size() > max_items) {
    reject(key, "must be a list of at most " + limit, limit);
    return {};
  }
  std::vector<double> numbers;
  for (const Json& item : *value) {
    if (!item.is_number()) {
      reject(key, "must be a list of at most " + limit, limit);
      return {};
    }
    numbers.push_back(item.get<double>());
  }
  return numbers;
}

std::size_t ObjectReader::choice(const char* key, const std::vector<std::string_view>& words,
                                 std::size_t fallback) {
  const Json* value = find(key);
  if (value == nullptr) return fallback;
  std::string limit;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (value->is_string() && value->get_ref<const std::string&>() == words[i]) return i;
    limit += (i == 0 ? "" : ", ") + std::string(words[i]);
  }
  reject(key, "must be one of " + limit, limit);
  return fallback;
}

Result<void> ObjectReader::finish() {
  if (fault_) return fail(*fault_);
  for (const auto& item : value_.items()) {
    if (known_.contains(item.key())) continue;
    std::string names;
    for (const std::string& name : known_) names += (names.empty() ? "" : ", ") + name;
    const std::string path = path_of(item.key().c_str());
    return fail({ErrorKind::kInvalidArgument, path + ": no such field here; known are " + names,
                 path, names});
  }
  return {};
}

}  // namespace clippath
