# Writes the parts of wixtokend-api(7) that are tables in docs/api.md, as scdoc's text. Unit tests
# hold docs/openapi.yaml against the program's calls and errors, and tests/package this page against
# that.
#
# usage: awk -f calls.awk docs/api.md wixtokend-api.7.scd
# The lines @CALLS@, @ERRORS@ and @LIMITS@ of the second file are replaced.

# Markdown becomes scdoc's text: `code` bold, links without their targets.
function plain(text) {
  gsub(/[\\*_]/, "\\\\&", text)
  gsub(/`/, "*", text)
  gsub(/\]\([^)]*\)/, "", text)
  gsub(/ \(\[[^)]*\)/, "", text)
  gsub(/\[/, "", text)
  return text ~ /^[A-Za-z0-9\\*]/ ? text : "\\" text
}

function entry(head, text) { return head "\n\t" plain(text) "\n\n" }

NR == FNR && /^#+ / { section = substr($0, index($0, " ") + 1) }
NR == FNR && /^\|/ && !/^\|---/ {
  line = $0
  sub(/^\| /, "", line)
  sub(/ *\|$/, "", line)
  count = split(line, cell, " *[|] ")
  if (heading != section) {  # the first row
    heading = section
  } else if (section == "Calls") {
    calls = calls entry(plain(cell[1]) ", role " cell[2], cell[3])
  } else if (section == "Errors, and what to do") {
    again = cell[3] == "yes" ? ", retryable" : ""
    errors = errors entry(plain(cell[2]) " (" cell[1] again ")", cell[4])
  } else if (section == "Limits") {
    limits = limits entry(plain(cell[1]), cell[2] (count > 2 ? "; beyond it: " cell[3] : ""))
  }
}
NR == FNR { next }

/^@CALLS@$/ { printf "%s", calls; next }
/^@ERRORS@$/ { printf "%s", errors; next }
/^@LIMITS@$/ { printf "%s", limits; next }
{ print }
