# Third-party libraries under one name each; every folder HIDES what it uses. Where they come from: scripts/setup.sh.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(RocksDB REQUIRED)
find_package(spdlog REQUIRED)
pkg_check_modules(turbojpeg REQUIRED IMPORTED_TARGET libturbojpeg)
pkg_check_modules(spng REQUIRED IMPORTED_TARGET spng)
pkg_check_modules(xxhash REQUIRED IMPORTED_TARGET libxxhash)
pkg_check_modules(utf8proc REQUIRED IMPORTED_TARGET libutf8proc)
pkg_check_modules(seccomp REQUIRED IMPORTED_TARGET libseccomp)

function(clippath_require_folder variable what)
  if(NOT ${variable})
    message(FATAL_ERROR "${what} is not there: run scripts/setup.sh, which writes build/deps.cmake")
  endif()
endfunction()

# Debian's core and imgproc packages bring no CMake file; imgcodecs with its 140 libraries is not wanted.
find_path(CLIPPATH_OPENCV_INCLUDE opencv2/core.hpp PATH_SUFFIXES opencv4 REQUIRED)
find_library(CLIPPATH_OPENCV_CORE opencv_core REQUIRED)
find_library(CLIPPATH_OPENCV_IMGPROC opencv_imgproc REQUIRED)
add_library(clippath_opencv INTERFACE)
target_include_directories(clippath_opencv SYSTEM INTERFACE ${CLIPPATH_OPENCV_INCLUDE})
target_link_libraries(clippath_opencv INTERFACE ${CLIPPATH_OPENCV_IMGPROC} ${CLIPPATH_OPENCV_CORE})

# Static: the shared library brings libcurl, LDAP and Kerberos along, for a driver that is never used.
find_path(CLIPPATH_HDF5_INCLUDE hdf5.h PATH_SUFFIXES hdf5/serial REQUIRED)
find_library(CLIPPATH_HDF5 libhdf5_serial.a REQUIRED)
add_library(clippath_hdf5 INTERFACE)
target_include_directories(clippath_hdf5 SYSTEM INTERFACE ${CLIPPATH_HDF5_INCLUDE})
# Debian 13 has 1.14, whose functions of the same names take other arguments.
target_compile_definitions(clippath_hdf5 INTERFACE H5_USE_110_API)
target_link_libraries(clippath_hdf5 INTERFACE ${CLIPPATH_HDF5} sz z m ${CMAKE_DL_LIBS})

# The reference BLAS is fifty times slower: OpenBLAS by name, and before LibTorch on the link line, or FAISS would call MKL's sgemm.
clippath_require_folder(CLIPPATH_OPENBLAS_LIBRARY "OpenBLAS")
if(NOT CLIPPATH_FUZZ)  # nothing that is fuzzed needs it, and Debian's clang comes without
  find_package(OpenMP REQUIRED)
endif()

clippath_require_folder(CLIPPATH_FAISS_PREFIX "FAISS")
add_library(clippath_faiss INTERFACE)
target_include_directories(clippath_faiss SYSTEM INTERFACE ${CLIPPATH_FAISS_PREFIX}/include)
# faiss 1.7.3 forgets <cstdint>, which newer compilers no longer bring along.
target_compile_options(clippath_faiss INTERFACE -include cstdint)
target_link_libraries(clippath_faiss INTERFACE ${CLIPPATH_FAISS_PREFIX}/lib/libfaiss_avx2.a ${CLIPPATH_OPENBLAS_LIBRARY} OpenMP::OpenMP_CXX)

clippath_require_folder(CLIPPATH_OPENSLIDE_PREFIX "OpenSlide")
add_library(clippath_openslide INTERFACE)
target_include_directories(clippath_openslide SYSTEM INTERFACE ${CLIPPATH_OPENSLIDE_PREFIX}/include)
target_link_libraries(clippath_openslide INTERFACE ${CLIPPATH_OPENSLIDE_PREFIX}/lib/libopenslide.so.1)

clippath_require_folder(CLIPPATH_HTTPLIB_INCLUDE "cpp-httplib")
add_library(clippath_httplib INTERFACE)
target_include_directories(clippath_httplib SYSTEM INTERFACE ${CLIPPATH_HTTPLIB_INCLUDE})
target_link_libraries(clippath_httplib INTERFACE Threads::Threads)
# The same for every file that includes it: inline functions must not exist twice. Our own limits on headers answer 431 (server/http/guards.h);
# the library's, which answer 400, lie above them.
target_compile_definitions(clippath_httplib INTERFACE
  CPPHTTPLIB_LISTEN_BACKLOG=128 CPPHTTPLIB_HEADER_MAX_LENGTH=16384 CPPHTTPLIB_HEADER_MAX_COUNT=256 CPPHTTPLIB_REQUEST_URI_MAX_LENGTH=16384)

if(CLIPPATH_WITH_TORCH)
  clippath_require_folder(CLIPPATH_TORCH_PREFIX "LibTorch")
  find_package(Torch REQUIRED PATHS ${CLIPPATH_TORCH_PREFIX})
endif()
if(CLIPPATH_TESTS)
  find_package(GTest REQUIRED)
endif()
