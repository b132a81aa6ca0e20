// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

namespace clippath {

/// What stands before the values in a file of NumPy's format, version 1.0: little-endian float32,
/// `[rows, dimension]`, C order. Its length is a multiple of 64.
std::string npy_header(std::size_t rows, std::size_t dimension);

}  // namespace clippath
