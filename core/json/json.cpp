// SPDX-License-Identifier: Apache-2.0
#include "core/json/json.h"

#include <cmath>
#include <unordered_set>

namespace clippath {
namespace {

/// Builds a value while it is parsed, so that depth, counts and duplicate keys are refused before
/// they cost memory.
class StrictBuilder : public nlohmann::json_sax<Json> {
 public:
  explicit StrictBuilder(const JsonLimits& limits) : limits_(limits) {}

  bool null() override { return add(nullptr); }
  bool boolean(bool value) override { return add(value); }
  bool number_integer(number_integer_t value) override { return add(value); }
  bool number_unsigned(number_unsigned_t value) override { return add(value); }
  bool number_float(number_float_t value, const string_t&) override {
    return std::isfinite(value) ? add(value) : reject("a number is not finite");
  }
  bool string(string_t& value) override { return add(std::move(value)); }
  bool binary(binary_t&) override { return reject("binary data"); }
  bool start_object(std::size_t) override { return open(Json::object()); }
  bool start_array(std::size_t) override { return open(Json::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }

  bool key(string_t& name) override {
    auto& names = names_.back();
    if (names.contains(name)) return reject("the key '" + name + "' stands there twice");
    if (names.size() >= limits_.max_keys) {
      return reject("an object has more than " + std::to_string(limits_.max_keys) + " keys");
    }
    names.insert(name);
    key_ = std::move(name);
    return true;
  }

  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception&) override {
    return reject("not JSON at byte " + std::to_string(position));
  }

  Json root;
  std::string fault;

 private:
  bool reject(std::string reason) {
    if (fault.empty()) fault = std::move(reason);
    return false;
  }

  Json* place(Json value) {
    if (open_.empty()) {
      root = std::move(value);
      return &root;
    }
    Json& parent = *open_.back();
    if (parent.is_object()) {
      // Its operator[] would look at every key before: quadratic for a vocabulary.
      auto& fields = parent.get_ref<Json::object_t&>();
      return &fields.emplace_back(std::move(key_), std::move(value)).second;
    }
    if (parent.size() >= limits_.max_elements) return nullptr;
    parent.push_back(std::move(value));
    return &parent.back();
  }

  bool add(Json value) {
    return place(std::move(value)) != nullptr ||
           reject("an array has more than " + std::to_string(limits_.max_elements) + " elements");
  }

  bool open(Json container) {
    if (open_.size() >= static_cast<std::size_t>(limits_.max_depth)) {
      return reject("nested deeper than " + std::to_string(limits_.max_depth) + " levels");
    }
    Json* placed = place(std::move(container));
    if (placed == nullptr)
      return reject("an array has more than " + std::to_string(limits_.max_elements) + " elements");
    open_.push_back(placed);
    names_.emplace_back();
    return true;
  }

  bool close() {
    open_.pop_back();
    names_.pop_back();
    return true;
  }

  const JsonLimits& limits_;
  std::vector<Json*>
      open_;  // from the root down; only the last one grows, so the others keep their place
  std::vector<std::unordered_set<std::string>> names_;  // of the keys of each in open_
  std::string key_;
};

}  // namespace

Result<Json> parse_json(std::string_view text, const JsonLimits& limits) {
  if (text.size() > limits.max_bytes) {
    const std::string limit = std::to_string(limits.max_bytes) + " bytes";
    return fail({ErrorKind::kTooLarge,
                 "JSON of " + std::to_string(text.size()) + " bytes; at most " + limit, "", limit});
  }
  // The library takes a NUL byte for the end of the text and would not see what follows; within a
  // JSON text it can only stand escaped.
  if (text.find('\0') != std::string_view::npos) {
    return fail(ErrorKind::kInvalidArgument, "malformed JSON: a NUL byte");
  }
  StrictBuilder builder(limits);
  // Errors reach the builder's parse_error; nothing is thrown.
  if (!Json::sax_parse(text.begin(), text.end(), &builder)) {
    return fail(ErrorKind::kInvalidArgument, "malformed JSON: " + builder.fault);
  }
  return std::move(builder.root);
}

std::string to_text(const Json& value, int indent) {
  return value.dump(indent, ' ', false, Json::error_handler_t::replace);
}

}  // namespace clippath
