# Prints what zsh lists when somebody types a line and the tabulator: zsh complete.zsh FOLDER LINE
zmodload zsh/zpty
export TERM=dumb COLUMNS=200 LINES=100
zpty shell zsh -f -i
zpty -w shell "PS1=; fpath=(${1:a} \$fpath); autoload -Uz compinit; compinit -D -u; LISTMAX=500"
zpty -w shell 'listing() { zle list-choices; zle -R; print LIS""TED }; zle -N listing'
zpty -w shell 'bindkey "^I" listing; echo RE""ADY'
zpty -r shell seen '*READY*'
zpty -w -n shell "$2"$'\t'
zpty -r shell seen '*LISTED*'
print -r -- $seen
zpty -d shell
