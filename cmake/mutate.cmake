# Copies of production sources with deliberate mistakes, for the simulator's own test: each mistake
# is chosen at run time, and one invariant has to catch it. The production sources know nothing of
# it. See tests/sim/mutations.cmake.

# wixtokend_mutation(name invariant file original replacement [seed]): in `file` (below src),
# `original` becomes `replacement`, in which @IF@ stands for "if this mistake is to be made". The
# test of it begins with `seed` (default: 1). Configuring fails when `original` is not there exactly
# once, so that no mutation rots unseen.
function(wixtokend_mutation name invariant file original replacement)
  set_property(GLOBAL APPEND PROPERTY wixtokend_mutations "${name}")
  set_property(GLOBAL PROPERTY wixtokend_mutation_${name} "${invariant}")
  set_property(GLOBAL PROPERTY wixtokend_mutation_${name}_seed 1 ${ARGN})
  set(source "${PROJECT_SOURCE_DIR}/src/${file}")
  get_property(text GLOBAL PROPERTY "wixtokend_mutated_${file}")
  if("${text}" STREQUAL "")
    file(READ "${source}" text)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${source}")
  endif()

  string(REPLACE "@IF@" "sim_mutation(\"${name}\")" replacement "${replacement}")
  string(REPLACE "${original}" "" without "${text}")
  string(LENGTH "${text}" length)
  string(LENGTH "${without}" length_without)
  string(LENGTH "${original}" length_original)
  math(EXPR removed "${length} - ${length_without}")
  if(NOT removed EQUAL length_original)
    message(FATAL_ERROR "mutation ${name}: src/${file} does not have exactly once:\n${original}")
  endif()
  string(REPLACE "${original}" "${replacement}" text "${text}")
  set_property(GLOBAL PROPERTY "wixtokend_mutated_${file}" "${text}")
endfunction()

# wixtokend_mutated_sources(variable files…): copies of these files (below src) with their mutations
# in them, and a table of all mutations.
function(wixtokend_mutated_sources variable)
  set(folder "${CMAKE_CURRENT_BINARY_DIR}/mutated")
  set(copies "")
  foreach(file IN LISTS ARGN)
    set(source "${PROJECT_SOURCE_DIR}/src/${file}")
    get_property(text GLOBAL PROPERTY "wixtokend_mutated_${file}")
    if("${text}" STREQUAL "")
      list(APPEND copies "${source}")
      continue()
    endif()
    file(CONFIGURE OUTPUT "${folder}/${file}" CONTENT "${text}" @ONLY)
    list(APPEND copies "${folder}/${file}")
    set_property(GLOBAL PROPERTY "wixtokend_used_${file}" ON)
  endforeach()

  get_property(names GLOBAL PROPERTY wixtokend_mutations)
  set(table "#include \"sim/mutation.hpp\"\n\n")
  string(APPEND table "namespace wixtokend::sim {\n\n")
  string(APPEND table "std::vector<mutation> const& mutations() {\n")
  string(APPEND table "  static std::vector<mutation> const all{\n")
  foreach(name IN LISTS names)
    get_property(invariant GLOBAL PROPERTY wixtokend_mutation_${name})
    string(APPEND table "      {\"${name}\", \"${invariant}\"},\n")
  endforeach()
  string(APPEND table "  };\n  return all;\n}\n\n}  // namespace wixtokend::sim\n")
  file(CONFIGURE OUTPUT "${folder}/table.cpp" CONTENT "${table}" @ONLY)
  list(APPEND copies "${folder}/table.cpp")
  set(${variable} "${copies}" PARENT_SCOPE)
endfunction()
