# The compiler of the dev preset: clang 19 where it is installed (test.sh installs it on Debian), because it compiles this code with both
# sanitizers in half the time of g++ 12; else whatever CMake finds. $CXX, or -DCMAKE_CXX_COMPILER, wins.
if(NOT CMAKE_CXX_COMPILER AND NOT DEFINED ENV{CXX})
    find_program(BINNACLE_DEV_CXX NAMES clang++-19)
    find_program(BINNACLE_DEV_CC NAMES clang-19)
    if(BINNACLE_DEV_CXX AND BINNACLE_DEV_CC)
        set(CMAKE_C_COMPILER "${BINNACLE_DEV_CC}")
        set(CMAKE_CXX_COMPILER "${BINNACLE_DEV_CXX}")
    endif()
endif()
