// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "clippath/classify.h"
#include "clippath/core/result.h"
#include "core/json/json.h"

namespace clippath {

inline constexpr std::size_t kMaxPromptClasses = 100;
inline constexpr std::size_t kMaxPromptSynonyms = 64;    ///< of a class
inline constexpr std::size_t kMaxPromptTemplates = 200;  ///< of an ensemble
inline constexpr std::size_t kMaxPromptEnsembles = 100;
inline constexpr std::size_t kMaxPromptBytes = 1024;  ///< of a name, a synonym, a template
inline constexpr std::size_t kMaxRequestPrompts = 1000;
inline constexpr std::size_t kMaxFilePrompts = 50'000;
inline constexpr std::size_t kMaxPromptFileBytes = std::size_t{4} << 20U;

/// Classes and templates as they stand in our own format and in a request: `classes` is a list of
/// `{"name", "synonyms"}`, `templates` a list of texts, `["CLASSNAME"]` where it is missing.
/// @param max_prompts  synonyms x templates, summed over the classes.
/// The reader's caller calls finish(), which tells what is wrong, naming field and limit.
ClassPrompts read_classes(ObjectReader& reader, std::size_t max_prompts);

/// Fails: kInvalidArgument, naming the item by `path`, for a template without CLASSNAME, an empty
/// one, one over the limit or with a control character.
Result<void> check_templates(const std::vector<std::string>& templates, const std::string& path);

/// Reads the text of a file of prompts: ours (schemas/class_prompts.schema.json, told by its key
/// `format`), or MI-Zero's, one ensemble a key: `{"0": {"classnames": {"IDC": "..."}, "templates":
/// [...]}}`, where a class may have a list of texts in place of one, as CONCH writes it. Fails:
/// kInvalidArgument naming field and limit; kTooLarge.
Result<ClassPrompts> parse_class_prompts(std::string_view text);

/// The same of a file, naming it. Fails: also as read_text_file.
Result<ClassPrompts> read_class_prompts(const std::filesystem::path& path);

}  // namespace clippath
