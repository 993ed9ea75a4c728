# Types into a zsh of its own, presses Tab, and looks at what it makes of it.
zmodload zsh/zpty
cd && mkdir -p folder_of_weights && touch port_1.jpg

zpty -b shell zsh -f -i
answer() {
  local text= part
  while zpty -rt shell part; do text+=$part; done
  # Without colours and movements of the cursor.
  setopt local_options extended_glob
  print -r -- ${text//$'\e['[0-9;?]#[a-zA-Z]/}
}
say() { zpty -w shell "$1"; sleep 1 }
say 'PS1="> "; autoload -Uz compinit && compinit -u -D; setopt no_list_beep'
answer >/dev/null

expect() {
  zpty -wn shell "$1"$'\t'
  sleep 2
  local text=$(answer)
  zpty -wn shell $'\x15'
  [[ $text == *$2* ]] && return
  print -r -- "typed $1, expected $2, got ${(V)text}"
  exit 1
}
expect 'clip-rsicd sear' 'search '
expect 'clip-rsicd search x --model rsicd' 'rsicd-mini '
expect 'clip-rsicd search x --model folder' 'folder_of_weights/'
expect 'clip-rsicd search x --category airp' 'airport '
expect 'clip-rsicd classify port' 'port_1.jpg '
zpty -d shell
