// SPDX-License-Identifier: Apache-2.0
#include "cli/machine.h"

#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <thread>

namespace clippath::cli {
namespace {

std::string cpuinfo_line(const std::string& key) {
  std::ifstream cpuinfo("/proc/cpuinfo");
  std::string line;
  while (std::getline(cpuinfo, line)) {
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos || line.compare(0, key.size(), key) != 0) continue;
    return line.substr(std::min(colon + 2, line.size()));
  }
  return {};
}

}  // namespace

std::string processor_name() {
  const std::string name = cpuinfo_line("model name");
  return name.empty() ? "unknown" : name;
}

std::vector<std::string> processor_features() {
  constexpr std::array kOfInterest = {"avx2",        "fma",      "f16c",  "avx512f",
                                      "avx512_bf16", "amx_bf16", "sha_ni"};
  std::istringstream flags(cpuinfo_line("flags"));
  std::set<std::string> present;
  for (std::string flag; flags >> flag;) present.insert(flag);
  std::vector<std::string> features;
  std::copy_if(kOfInterest.begin(), kOfInterest.end(), std::back_inserter(features),
               [&](const char* name) { return present.contains(name); });
  return features;
}

std::string blas_library() {
  void* symbol = dlsym(RTLD_DEFAULT, "sgemm_");
  Dl_info info{};
  if (symbol == nullptr || dladdr(symbol, &info) == 0) return "none";
  std::error_code ignored;
  const auto real = std::filesystem::canonical(info.dli_fname, ignored);
  return ignored ? info.dli_fname : real.string();
}

std::vector<std::string> openmp_libraries() {
  std::ifstream maps("/proc/self/maps");
  std::set<std::string> files;
  for (std::string line; std::getline(maps, line);) {
    const std::size_t slash = line.find('/');
    if (slash == std::string::npos) continue;
    const std::string name = std::filesystem::path(line.substr(slash)).filename().string();
    if (name.starts_with("libgomp") || name.starts_with("libomp") || name.starts_with("libiomp5"))
      files.insert(line.substr(slash));
  }
  return {files.begin(), files.end()};
}

Json describe_processor() {
  return {{"processor", processor_name()},
          {"cores", std::thread::hardware_concurrency()},
          {"features", processor_features()}};
}

Json describe_machine(const EncoderInfo& encoder) {
  Json machine = describe_processor();
  machine["dtype"] = to_string(encoder.dtype);
  machine["encoder"] = encoder.card.name;
  machine["blas"] = std::filesystem::path(blas_library()).filename().string();
  return machine;
}

}  // namespace clippath::cli
