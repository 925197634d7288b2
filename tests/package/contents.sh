# shellcheck shell=bash
# shellcheck disable=SC2154  # root, packages and again are set by tests/package/run
# What is in the packages, and that the same source gives the same bytes.

# check_program <program>: hardened, assertions on, and silent about where it was built.
check_program() {
  local file=$root/usr/bin/$1 sections
  sections=$(readelf --wide --file-header --dynamic --program-headers "$file")
  contains "contents: $1 is position-independent" "NOW PIE" "$sections"
  contains "contents: $1 is bound at its start" "BIND_NOW" "$sections"
  contains "contents: $1 has relocations that are read-only" "GNU_RELRO" "$sections"
  contains "contents: $1 has its assertions" "__assert_fail" "$(readelf --wide --dyn-syms "$file")"
  equal "contents: $1 does not tell where it was built" "" \
    "$(grep -aoE -m1 "${PWD}[^[:space:]]{0,60}" "$file" | head -n 1)"
}

check_same_bytes() {
  local file files=0
  for file in "$packages"/*.deb; do
    files=$((files + 1))
    check "contents: ${file##*/} comes to the same bytes in another folder" \
      cmp "$file" "$again/${file##*/}"
  done
  equal "contents: there are packages with and without debugging symbols" 7 "$files"
}

check_contents() {
  local program
  check "contents: lintian has nothing to say" lintian --allow-root --fail-on error,warning \
    --tag-display-limit 0 "$packages"/*.changes
  check_same_bytes
  for program in "$root"/usr/bin/*; do check_program "${program##*/}"; done
}
