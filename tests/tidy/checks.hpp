#pragma once
// The checks: each takes a file, or the tree, and returns what is wrong, "path:line: what" each.

#include "tidy/source_file.hpp"

#include <string>
#include <vector>

namespace wixtokend::tidy {

using findings = std::vector<std::string>;

/// At most 100 columns, at most 400 lines in C++, no tabs, no blanks at line ends, a line end at
/// the end; headers open with `#pragma once` and open no namespace to their users.
findings check_shape(source_file const& file);

/// Our includes follow the dependency table; library headers stay where they may be.
findings check_includes(source_file const& file);

/// No banned word in code; no banned text anywhere.
findings check_bans(source_file const& file);

/// g++ 12 destroys aggregates and closures twice that are created in a statement with `co_await`,
/// and a coroutine outlives the captures of the lambda that it is (tests are trusted with the
/// latter). Finds all but aggregates that are created with parentheses.
findings check_coroutines(source_file const& file);

/// No costly library reaches a file through a header of ours, unless the file may include it
/// itself.
findings check_reach(std::vector<source_file> const& tree);

/// Every .cpp file is listed in exactly one CMake target, and what is listed is there; every
/// library links only libraries of folders that it may include.
findings check_targets(std::vector<source_file> const& tree);

/// Every tests/<folder>/<noun>_test.cpp tests src/<folder>/<noun>, or as <noun>_<aspect>_test.cpp
/// an aspect of it, in the suite "<folder>.<noun>" or "<folder>.<noun>_<aspect>".
findings check_mirror(std::vector<source_file> const& tree);

}  // namespace wixtokend::tidy
