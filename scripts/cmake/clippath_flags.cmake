# Warnings and sanitizers for our own code only: linked PRIVATE, so that no user of the libraries gets them.
add_library(clippath_flags INTERFACE)
target_compile_options(clippath_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wold-style-cast -Wnon-virtual-dtor -Woverloaded-virtual
  -Werror=switch -Werror=return-type -Werror=unused-result)
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  target_compile_options(clippath_flags INTERFACE -Wthread-safety -Werror=thread-safety)
endif()
if(CLIPPATH_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
if(CLIPPATH_SANITIZE)
  add_compile_options(-fsanitize=${CLIPPATH_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${CLIPPATH_SANITIZE})
endif()
