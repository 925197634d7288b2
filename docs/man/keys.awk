# Writes the part of wixtokend.toml(5) that describes the keys, as scdoc's text, from the comments of
# config/wixtokend.toml, which a unit test holds against the keys that the program declares. What
# stands where is said in that file's first lines.
#
# usage: awk -f keys.awk config/wixtokend.toml wixtokend.toml.5.scd
# The line @KEYS@ of the second file is replaced.

# Text without any meaning to scdoc, but `what is quoted like this`, which becomes bold.
function plain(text) {
  gsub(/[\\*_]/, "\\\\&", text)
  gsub(/`/, "*", text)
  return text
}

# The same for the first line of a paragraph, where brackets and so on begin a table or a list.
function plain_start(text) {
  text = plain(text)
  return text ~ /^[A-Za-z0-9\\*]/ ? text : "\\" text
}

function flush_paragraph(indent, parts, count, i) {
  count = split(pending, parts, "\n")
  for (i = 2; i <= count; i++) keys = keys indent plain_start(parts[i]) "\n"
  pending = ""
}

# Ends the lines of keys that share a description, and prints it.
function flush_keys() {
  if (heads == "") return
  keys = keys heads "\n"
  flush_paragraph("\t")
  keys = keys "\n"
  heads = ""
}

NR == FNR && /^# ---- / {
  flush_keys()
  title = $0
  gsub(/^# -+ | -+$/, "", title)
  in_keys = 1
  next
}
NR == FNR && !in_keys { next }
NR == FNR && /^#?\[/ {
  flush_keys()
  table = $0
  sub(/^#/, "", table)
  keys = keys "## " title ": " plain(table) "\n\n"
  if (pending != "") {
    flush_paragraph("")
    keys = keys "\n"
  }
  next
}
NR == FNR && /^# / {
  flush_keys()
  pending = pending "\n" substr($0, 3)
  next
}
NR == FNR && /^#?[a-z_]+ = / {
  line = $0
  sub(/^#/, "", line)
  name = line
  sub(/ = .*/, "", name)
  sub(/^[a-z_]+ = /, "", line)
  heads = heads (heads == "" ? "" : "++\n") "*" name "* = " plain(line)
  next
}
NR == FNR { next }

FNR == 1 { flush_keys() }
/^@KEYS@$/ { printf "%s", keys; next }
{ print }
