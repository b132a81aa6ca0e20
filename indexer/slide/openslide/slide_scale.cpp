// SPDX-License-Identifier: Apache-2.0
#include "indexer/slide/openslide/slide_scale.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "clippath/core/short_text.h"
#include "clippath/slide.h"

namespace clippath {
namespace {

constexpr double kLeastMpp = 0.05;
constexpr double kMostMpp = 20;
constexpr double kMostAxisDifference = 0.02;
// Beyond it one of the two is a mistake.
constexpr double kMostAxisRatio = 2;

/// Pixel size of both axes as one source states it; an axis it says nothing about is empty.
struct Axes {
  std::optional<double> x;
  std::optional<double> y;
};

std::optional<double> times(std::optional<double> value, double factor) {
  if (!value) return std::nullopt;
  return *value * factor;
}

std::optional<double> divide(double numerator, std::optional<double> denominator) {
  if (!denominator) return std::nullopt;
  return numerator / *denominator;
}

Axes openslide_axes(const PropertyLookup& property) {
  return {number_property(property, "openslide.mpp-x"),
          number_property(property, "openslide.mpp-y")};
}

Axes vendor_axes(const PropertyLookup& property, PixelSize level0) {
  if (auto mpp = number_property(property, "aperio.MPP")) return {mpp, mpp};
  if (auto nm = number_property(property, "hamamatsu.PhysicalWidth")) {
    return {*nm / 1000 / static_cast<double>(level0.width),
            times(number_property(property, "hamamatsu.PhysicalHeight"),
                  0.001 / static_cast<double>(level0.height))};
  }
  const std::string mirax = "mirax.LAYER_0_LEVEL_0_SECTION.MICROMETER_PER_PIXEL_";
  if (auto x = number_property(property, mirax + "X")) {
    return {x, number_property(property, mirax + "Y")};
  }
  // DICOM states millimetres between rows first, which is the y axis.
  const std::string spacing =
      "dicom.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0].PixelSpacing";
  return {times(number_property(property, spacing + "[1]"), 1000),
          times(number_property(property, spacing + "[0]"), 1000)};
}

Axes tiff_axes(const PropertyLookup& property) {
  const std::string unit = property("tiff.ResolutionUnit").value_or("");
  const double microns = unit == "centimeter" ? 10000 : unit == "inch" ? 25400 : 0;
  if (microns == 0) return {};
  return {divide(microns, number_property(property, "tiff.XResolution")),
          divide(microns, number_property(property, "tiff.YResolution"))};
}

std::string_view in_words(MppSource source) {
  switch (source) {
    case MppSource::kManifest: return "the manifest";
    case MppSource::kSlideTag: return "its property openslide.mpp";
    case MppSource::kVendorTag: return "its vendor's tag";
    case MppSource::kTiffResolution: return "its TIFF resolution";
    case MppSource::kObjective: return "its objective";
    case MppSource::kAssumed: return "the default";
  }
  return "the default";
}

/// The scale that the axes state, where it is a possible one.
std::optional<SlideScale> accept(const Axes& axes, MppSource source,
                                 std::vector<std::string>& warnings) {
  if (!axes.x && !axes.y) return std::nullopt;
  const double x = axes.x.value_or(axes.y.value_or(0));
  const double y = axes.y.value_or(x);
  const double mean = (x + y) / 2;
  if (!(std::min(x, y) >= kLeastMpp && std::max(x, y) <= kMostMpp)) {
    const std::string stated = x == y ? short_text(x) : short_text(x) + " x " + short_text(y);
    warnings.push_back(std::string(in_words(source)) + " states " + stated +
                       " um a pixel, which is out of 0.05..20 and not used");
    return std::nullopt;
  }
  SlideScale scale{{mean}, source};
  if (std::abs(x - y) > kMostAxisDifference * mean) {
    const double ratio = y / x;
    const bool possible = ratio >= 1 / kMostAxisRatio && ratio <= kMostAxisRatio;
    warnings.push_back("pixels are not square: " + short_text(x) + " x " + short_text(y) + " um; " +
                       (possible ? "fields in micrometres are made square" : "the mean is used"));
    if (possible) scale.axis_ratio = ratio;
  }
  return scale;
}

}  // namespace

std::optional<double> number_property(const PropertyLookup& property, const std::string& name) {
  const std::optional<std::string> text = property(name);
  if (!text) return std::nullopt;
  double value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc() || end != text->data() + text->size()) return std::nullopt;
  if (!std::isfinite(value) || value <= 0) return std::nullopt;
  return value;
}

std::optional<SlideScale> find_scale(const PropertyLookup& property, PixelSize level0,
                                     std::vector<std::string>& warnings) {
  const std::optional<double> objective = number_property(property, "openslide.objective-power");
  // A stated magnification is nominal: 10 um a pixel at 1x.
  const std::optional<double> nominal = divide(10, objective);
  const std::pair<MppSource, Axes> sources[] = {
      {MppSource::kSlideTag, openslide_axes(property)},
      {MppSource::kVendorTag, vendor_axes(property, level0)},
      {MppSource::kTiffResolution, tiff_axes(property)},
      {MppSource::kObjective, {nominal, nominal}}};

  for (const auto& [source, axes] : sources) {
    const std::optional<SlideScale> scale = accept(axes, source, warnings);
    if (!scale) continue;
    if (const auto doubt = doubt_of(scale->mpp, objective)) warnings.push_back(*doubt);
    return scale;
  }
  return std::nullopt;
}

}  // namespace clippath
