// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "clippath/core/result.h"
#include "clippath/records.h"

namespace clippath {

/// Slide and report records as JSON text, with "format": 1 (docs/formats/records.md). Decoding what
/// encoding made gives the same record, for texts in UTF-8 (other bytes become U+FFFD).
/// Encoding fails: kInvalidArgument, naming the field, for what decoding would refuse, such as a
/// number that is not finite. Decoding fails: kCorruption, naming the field.
Result<std::string> encode_slide(const SlideRecord& slide);
Result<SlideRecord> decode_slide(std::string_view text);

Result<std::string> encode_report(const ReportRecord& report);
Result<ReportRecord> decode_report(std::string_view text);

}  // namespace clippath
