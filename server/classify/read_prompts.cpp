// SPDX-License-Identifier: Apache-2.0
#include "server/classify/read_prompts.h"

#include <algorithm>
#include <set>

#include "clippath/core/files.h"

namespace clippath {
namespace {

Error fault_at(const std::string& path, const std::string& message, const std::string& limit = {}) {
  return {ErrorKind::kInvalidArgument, path + ": " + message, path, limit};
}

std::string item_path(const std::string& list, std::size_t i) {
  return list + "[" + std::to_string(i) + "]";
}

Result<void> check_text(const std::string& text, const std::string& path) {
  if (text.find_first_not_of(" \t") == std::string::npos) return fail(fault_at(path, "is empty"));
  if (text.size() > kMaxPromptBytes) {
    const std::string limit = std::to_string(kMaxPromptBytes) + " bytes";
    return fail(fault_at(path, "has more than " + limit, limit));
  }
  // Names are shown in terminals, which obey control characters.
  if (std::any_of(text.begin(), text.end(),
                  [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; })) {
    return fail(fault_at(path, "has a control character"));
  }
  return {};
}

Result<void> check_texts(const std::vector<std::string>& texts, const std::string& path) {
  for (std::size_t i = 0; i < texts.size(); ++i) {
    CLIPPATH_TRY_VOID(check_text(texts[i], item_path(path, i)));
  }
  return {};
}

Result<std::vector<std::string>> read_templates(ObjectReader& reader) {
  if (reader.any("templates") == nullptr) {
    return std::vector<std::string>{std::string(kClassNamePlaceholder)};
  }
  auto templates = reader.optional_texts("templates", kMaxPromptTemplates, kMaxPromptBytes);
  if (templates.empty()) {
    const std::string limit = "1.." + std::to_string(kMaxPromptTemplates);
    return fail(
        fault_at(reader.path_of("templates"), "must be a list of " + limit + " texts", limit));
  }
  CLIPPATH_TRY_VOID(check_templates(templates, reader.path_of("templates")));
  return templates;
}

Result<void> check_classes(const std::vector<PromptClass>& classes, const std::string& path) {
  if (classes.size() < 2 || classes.size() > kMaxPromptClasses) {
    const std::string limit = "2.." + std::to_string(kMaxPromptClasses);
    return fail(fault_at(
        path, "must be " + limit + " classes, are " + std::to_string(classes.size()), limit));
  }
  std::set<std::string> names;
  for (const PromptClass& one : classes) {
    if (names.insert(one.name).second) continue;
    return fail(fault_at(path, "two classes have the name '" + one.name + "'"));
  }
  return {};
}

Result<void> check_count(const ClassPrompts& prompts, const std::string& path, std::size_t most) {
  std::size_t count = 0;
  for (const PromptEnsemble& ensemble : prompts.ensembles) {
    for (const PromptClass& one : ensemble.classes) {
      count += one.synonyms.size() * ensemble.templates.size();
    }
  }
  if (count <= most) return {};
  const std::string limit = std::to_string(most) + " prompts";
  return fail(fault_at(path,
                       "synonyms times templates make " + std::to_string(count) +
                           " prompts; at most " + std::to_string(most),
                       limit));
}

Result<PromptClass> read_class(const Json& value, const std::string& path) {
  ObjectReader reader(value, path);
  PromptClass one;
  one.name = reader.text("name", kMaxPromptBytes);
  one.synonyms = reader.optional_texts("synonyms", kMaxPromptSynonyms, kMaxPromptBytes);
  const bool is_empty_list = reader.any("synonyms") != nullptr && one.synonyms.empty();
  if (is_empty_list) reader.reject("synonyms", "is empty; leave it out to prompt the name");
  CLIPPATH_TRY_VOID(reader.finish());
  CLIPPATH_TRY_VOID(check_text(one.name, path + ".name"));
  CLIPPATH_TRY_VOID(check_texts(one.synonyms, path + ".synonyms"));
  if (one.synonyms.empty()) one.synonyms = {one.name};
  return one;
}

Result<std::vector<PromptClass>> read_class_list(const Json* list, const std::string& path) {
  if (list == nullptr) return fail(fault_at(path, "is required"));
  if (!list->is_array()) return fail(fault_at(path, "must be a list of classes"));
  std::vector<PromptClass> classes;
  for (std::size_t i = 0; i < list->size() && i <= kMaxPromptClasses; ++i) {
    CLIPPATH_TRY(PromptClass one, read_class((*list)[i], item_path(path, i)));
    classes.push_back(std::move(one));
  }
  CLIPPATH_TRY_VOID(check_classes(classes, path));
  return classes;
}

Result<ClassPrompts> read_one_ensemble(ObjectReader& reader, std::size_t max_prompts) {
  CLIPPATH_TRY(auto templates, read_templates(reader));
  CLIPPATH_TRY(auto classes, read_class_list(reader.any("classes"), reader.path_of("classes")));
  ClassPrompts prompts{{{std::move(templates), std::move(classes)}}};
  CLIPPATH_TRY_VOID(check_count(prompts, reader.path_of("classes"), max_prompts));
  return prompts;
}

Result<ClassPrompts> read_own(const Json& document) {
  ObjectReader reader(document, "");
  reader.integer("format", 1, 1);
  ClassPrompts prompts = read_classes(reader, kMaxFilePrompts);
  CLIPPATH_TRY_VOID(reader.finish());
  return prompts;
}

/// A class of MI-Zero has one text; of CONCH, a list.
Result<PromptClass> read_named_class(const std::string& name, const Json& value,
                                     const std::string& path) {
  CLIPPATH_TRY_VOID(check_text(name, path));
  const std::string limit = "1.." + std::to_string(kMaxPromptSynonyms);
  const Json list = value.is_array() ? value : Json::array({value});
  const bool all_texts =
      std::all_of(list.begin(), list.end(), [](const Json& item) { return item.is_string(); });
  if (!all_texts || list.empty() || list.size() > kMaxPromptSynonyms) {
    return fail(fault_at(path, "must be a text or a list of " + limit + " texts", limit));
  }
  PromptClass one{name, list.get<std::vector<std::string>>()};
  CLIPPATH_TRY_VOID(check_texts(one.synonyms, path));
  return one;
}

Result<PromptEnsemble> read_ensemble(const Json& value, const std::string& path) {
  ObjectReader reader(value, path);
  const Json* names = reader.any("classnames");
  if (names == nullptr || !names->is_object()) {
    reader.reject("classnames", "must be an object of classes");
  }
  if (reader.any("templates") == nullptr) reader.reject("templates", "is required");
  auto templates = read_templates(reader);
  CLIPPATH_TRY_VOID(reader.finish());
  if (!templates) return fail(std::move(templates.error()));
  const std::string classes_path = path + ".classnames";
  PromptEnsemble ensemble{std::move(*templates), {}};
  for (const auto& item : names->items()) {
    CLIPPATH_TRY(PromptClass one,
                 read_named_class(item.key(), item.value(), classes_path + "." + item.key()));
    ensemble.classes.push_back(std::move(one));
  }
  CLIPPATH_TRY_VOID(check_classes(ensemble.classes, classes_path));
  return ensemble;
}

/// Files list the classes of each ensemble in any order.
Result<void> order_as(const std::vector<PromptClass>& first, std::vector<PromptClass>& classes,
                      const std::string& path) {
  const auto place_of = [&first](const PromptClass& one) {
    return std::find_if(first.begin(), first.end(),
                        [&one](const PromptClass& other) { return other.name == one.name; }) -
           first.begin();
  };
  const bool same = classes.size() == first.size() &&
                    std::all_of(classes.begin(), classes.end(), [&](const PromptClass& one) {
                      return place_of(one) < static_cast<std::ptrdiff_t>(first.size());
                    });
  if (!same) return fail(fault_at(path, "must name the same classes as the first ensemble"));
  std::sort(classes.begin(), classes.end(),
            [&](const PromptClass& a, const PromptClass& b) { return place_of(a) < place_of(b); });
  return {};
}

Result<ClassPrompts> read_keyed_ensembles(const Json& document) {
  if (!document.is_object() || document.empty() || document.size() > kMaxPromptEnsembles) {
    const std::string limit = "1.." + std::to_string(kMaxPromptEnsembles);
    return fail({ErrorKind::kInvalidArgument,
                 "the document must be an object: with \"format\" and \"classes\", or of " + limit +
                     " ensembles",
                 "", limit});
  }
  ClassPrompts prompts;
  for (const auto& item : document.items()) {
    CLIPPATH_TRY(PromptEnsemble ensemble, read_ensemble(item.value(), item.key()));
    if (!prompts.ensembles.empty()) {
      CLIPPATH_TRY_VOID(order_as(prompts.classes(), ensemble.classes, item.key() + ".classnames"));
    }
    prompts.ensembles.push_back(std::move(ensemble));
  }
  CLIPPATH_TRY_VOID(check_count(prompts, "the document", kMaxFilePrompts));
  return prompts;
}

}  // namespace

Result<void> check_templates(const std::vector<std::string>& templates, const std::string& path) {
  CLIPPATH_TRY_VOID(check_texts(templates, path));
  for (std::size_t i = 0; i < templates.size(); ++i) {
    if (templates[i].find(kClassNamePlaceholder) == std::string::npos) {
      return fail(fault_at(item_path(path, i), "must hold CLASSNAME, where the class's name goes",
                           "CLASSNAME"));
    }
  }
  return {};
}

ClassPrompts read_classes(ObjectReader& reader, std::size_t max_prompts) {
  auto prompts = read_one_ensemble(reader, max_prompts);
  if (prompts) return std::move(*prompts);
  reader.reject(std::move(prompts.error()));
  return {};
}

Result<ClassPrompts> parse_class_prompts(std::string_view text) {
  JsonLimits limits;
  limits.max_bytes = kMaxPromptFileBytes;
  CLIPPATH_TRY(const Json document, parse_json(text, limits));
  const bool is_own =
      document.is_object() && (document.contains("format") || document.contains("classes"));
  return is_own ? read_own(document) : read_keyed_ensembles(document);
}

Result<ClassPrompts> read_class_prompts(const std::filesystem::path& path) {
  CLIPPATH_TRY(const std::string text, read_text_file(path, kMaxPromptFileBytes));
  auto prompts = parse_class_prompts(text);
  if (!prompts) return fail(prompts.error().within(path.string()));
  return prompts;
}

}  // namespace clippath
