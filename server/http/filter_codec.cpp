// SPDX-License-Identifier: Apache-2.0
#include "server/http/request_codec.h"

namespace clippath {
namespace {

constexpr std::size_t kMaxValueBytes = 1024;
constexpr double kLargest = 1e300;

tl::unexpected<Error> reject(const std::string& path, const std::string& message,
                             const std::string& limit = {}) {
  return fail({ErrorKind::kInvalidArgument, path + ": " + message, path, limit});
}

Result<FieldValue> decode_value(const Json& value, const std::string& path) {
  if (value.is_boolean()) return FieldValue(value.get<bool>());
  if (value.is_number()) return FieldValue(value.get<double>());
  if (value.is_string() && value.get_ref<const std::string&>().size() <= kMaxValueBytes) {
    // A day is stored as a day, and JSON has only text for it.
    const auto text = value.get<std::string>();
    FieldValue parsed = parse_field(text);
    return std::holds_alternative<Date>(parsed) ? parsed : FieldValue(text);
  }
  return reject(path, "must be text of at most 1024 bytes, a number, true or false", "1024 bytes");
}

Result<std::vector<FieldValue>> decode_values(const Json& value, const std::string& path) {
  if (!value.is_array() || value.empty() || value.size() > kMaxFilterValues) {
    return reject(path, "must be a list of 1..1000 values", "1..1000");
  }
  std::vector<FieldValue> values;
  for (const Json& one : value) {
    CLIPPATH_TRY(FieldValue decoded, decode_value(one, path));
    values.push_back(std::move(decoded));
  }
  return values;
}

Result<void> decode_range(const Json& value, const std::string& path,
                          Filter::Condition& condition) {
  ObjectReader reader(value, path);
  condition.at_least = reader.optional_number("gte", -kLargest, kLargest);
  condition.at_most = reader.optional_number("lte", -kLargest, kLargest);
  CLIPPATH_TRY_VOID(reader.finish());
  if (!condition.at_least && !condition.at_most) return reject(path, "must have gte, lte or both");
  return {};
}

Result<Filter::Condition> decode_condition(const Json& value, const std::string& path) {
  ObjectReader reader(value, path);
  Filter::Condition condition;
  condition.field = reader.text("field", 256);
  const Json* equals = reader.any("equals");
  const Json* in = reader.any("in");
  const Json* range = reader.any("range");
  condition.exists = reader.optional_boolean("exists");
  CLIPPATH_TRY_VOID(reader.finish());

  const int tests = int{equals != nullptr} + int{in != nullptr} + int{range != nullptr} +
                    int{condition.exists.has_value()};
  if (tests != 1) return reject(path, "must have exactly one of equals, in, range, exists");
  if (equals != nullptr) {
    CLIPPATH_TRY(FieldValue one, decode_value(*equals, path + ".equals"));
    condition.any_of.push_back(std::move(one));
  }
  if (in != nullptr) {
    CLIPPATH_TRY(condition.any_of, decode_values(*in, path + ".in"));
  }
  if (range != nullptr) {
    CLIPPATH_TRY_VOID(decode_range(*range, path + ".range", condition));
  }
  return condition;
}

Result<std::vector<Filter::Condition>> decode_conditions(const Json* value,
                                                         const std::string& path) {
  std::vector<Filter::Condition> conditions;
  if (value == nullptr) return conditions;
  if (!value->is_array() || value->size() > kMaxFilterConditions) {
    return reject(path, "must be a list of at most 64 conditions", "64");
  }
  for (std::size_t i = 0; i < value->size(); ++i) {
    CLIPPATH_TRY(Filter::Condition one,
                 decode_condition((*value)[i], path + "[" + std::to_string(i) + "]"));
    conditions.push_back(std::move(one));
  }
  return conditions;
}

}  // namespace

Result<Filter> decode_filter(const Json& value, const std::string& path) {
  ObjectReader reader(value, path);
  const Json* must = reader.any("must");
  const Json* should = reader.any("should");
  const Json* must_not = reader.any("must_not");
  CLIPPATH_TRY_VOID(reader.finish());
  Filter filter;
  CLIPPATH_TRY(filter.must, decode_conditions(must, path + ".must"));
  CLIPPATH_TRY(filter.should, decode_conditions(should, path + ".should"));
  CLIPPATH_TRY(filter.must_not, decode_conditions(must_not, path + ".must_not"));
  if (filter.must.size() + filter.should.size() + filter.must_not.size() > kMaxFilterConditions) {
    return reject(path, "must have at most 64 conditions in all", "64");
  }
  return filter;
}

}  // namespace clippath
