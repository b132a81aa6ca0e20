// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "clippath/stain.h"
#include "core/json/json.h"

namespace clippath {

/// An object with the fields of the method.
Json to_json(const StainProfile& profile);
/// Also what slide_stain made, which no guard has seen. Fails: kInvalidArgument naming the field.
Result<StainProfile> stain_profile_from_json(const Json& json);

}  // namespace clippath
