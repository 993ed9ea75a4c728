#!/bin/sh
# Installs the Debian package in an empty Debian 12, as a person would who has no Swift, and tries it there;
# then what `make install` puts below another PREFIX. Needs root, for the system in a folder, and a network.
#
#   Tests/Install/run.sh            or make test-install
#   Tests/Install/run.sh FOLDER     takes the empty system that lies there, or leaves one for the next time
set -eu
cd "$(dirname "$0")/../.."
mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}

if [ "$(id -u)" -ne 0 ]; then
  echo "This needs root: it makes a system in a folder, and works in it." >&2
  exit 2
fi

make deb
package=$(ls .build/deb/clip-rsicd_*.deb)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/system

kept=${1:-}
if [ -z "$kept" ] || [ ! -e "$kept/etc/debian_version" ]; then
  command -v debootstrap >/dev/null 2>&1 || .ci/packages debootstrap
  debootstrap --variant=minbase bookworm "${kept:-$root}" "$mirror" > "$work/debootstrap.log" ||
    { tail -n 20 "$work/debootstrap.log" >&2; exit 2; }
fi
[ -z "$kept" ] || cp -a "$kept" "$root"
cp /etc/resolv.conf "$root/etc/resolv.conf"
cp "$package" Tests/Install/complete.zsh Tests/Install/explore.sh "$root/tmp/"

# A process tree and mounts of its own: nothing of it is left when the command has ended.
# shellcheck disable=SC2016 -- expanded by the shell inside
inside() {
  unshare --mount --pid --fork --kill-child sh -c '
    mount -t proc proc "$0/proc" && mount -t devpts -o newinstance,ptmxmode=0666 devpts "$0/dev/pts" &&
    mount --bind "$0/dev/pts/ptmx" "$0/dev/ptmx" &&
    exec chroot "$0" /usr/bin/env -i LANG=C.UTF-8 TERM=xterm-256color HOME=/root \
      PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
      DEBIAN_FRONTEND=noninteractive "$@"' "$root" "$@"
}
# As a person without rights.
person() { inside runuser -u person -- env HOME=/home/person sh -c "cd && $1"; }

passed=0
failed=0
check() {
  what=$1
  shift
  if "$@" > "$work/out" 2>&1; then
    passed=$((passed + 1))
    echo "ok      $what"
  else
    failed=$((failed + 1))
    echo "FAILED  $what"
    sed 's/^/        /' "$work/out"
  fi
}
holds() { echo "$1"; [ -n "$1" ]; }
says() { person "$1" > "$work/said" 2>&1 || { cat "$work/said"; return 1; }
  cat "$work/said"; grep -qE -e "$2" "$work/said"; }

inside useradd -m person
check "the system has no Swift" inside sh -c \
  '! command -v swift && [ -z "$(find / -xdev -name "libswift*")" ]'
check "apt installs the package with what it depends on, and nothing else is needed" \
  inside sh -c 'apt-get update && apt-get install -y --no-install-recommends /tmp/clip-rsicd_*.deb'
check "every library is found" says 'ldd /usr/bin/clip-rsicd | grep "not found" || echo all' '^all$'
check "the files belong to root, and all may read them" inside sh -c \
  '[ -z "$(dpkg -L clip-rsicd | xargs -d "\n" -I {} find {} -maxdepth 0 \( ! -user root -o ! -perm -444 \))" ]'
check "the sums are right" inside dpkg --verify clip-rsicd

check "--version" says 'clip-rsicd --version' '^[0-9]+\.[0-9]+\.[0-9]+$'
check "search makes the gallery and finds planes" says 'clip-rsicd search planes -k 3' \
  '^  [123]  0\.[0-9]+  airport_[0-9]+\.jpg  airport  .*planes'
check "search with the other model" says \
  'clip-rsicd search planes -k 3 --model clip-mini' '^  3  '
check "doctor finds the models below /usr/share" says 'clip-rsicd doctor' \
  'rsicd-mini +/usr/share/clip-rsicd/models/rsicd-mini, '
check "an index of own pictures" says \
  'clip-rsicd scenes --into drawn --category port --count 3 && clip-rsicd index drawn --into drawn.sqlite' \
  '3 images: 3 embedded'
check "a mistyped command is told" says 'clip-rsicd serch || echo $?' 'did you mean search\?'

inside apt-get install -y --no-install-recommends man-db mandoc bash-completion zsh fish tmux \
  > "$work/apt.log" 2>&1 || { tail -n 5 "$work/apt.log" >&2; exit 2; }
check "groff renders the pages without a warning" inside sh -c '
  for page in /usr/share/man/man1/clip-rsicd*; do
    MANWIDTH=80 man --warnings=w -l "$page" 2>&1 >/dev/null
  done | tee /tmp/warnings; [ ! -s /tmp/warnings ]'
check "mandoc finds nothing to warn of" inside sh -c '
  for page in /usr/share/man/man1/clip-rsicd*; do mandoc -T lint -W warning "$page" || exit 1; done'
check "every command has a page, and examples can be pasted out of it at any width" inside sh -c '
  for command in "" $(clip-rsicd --help | sed -n "s/^  \([a-z]*\)  .*/\1/p"); do
    clip-rsicd $command --help | sed -n "/^EXAMPLES/,/^$/s/^  //p" > /tmp/examples
    [ -s /tmp/examples ] || { echo "no examples: $command"; exit 1; }
    for width in 60 80; do
      MANWIDTH=$width man "clip-rsicd${command:+-$command}" | sed "s/^     //" > /tmp/page
      while IFS= read -r line; do
        grep -qxF -- "$line" /tmp/page || { echo "$command at $width: $line"; exit 1; }
      done < /tmp/examples
    done
  done'
check "whatis knows the pages" says 'man clip-rsicd search | head -3; whatis clip-rsicd-search' \
  '^clip-rsicd-search \(1\) +- find the images'

check "bash completes commands, models and files" says \
  'touch rs_own.pt; bash -c "
    source /usr/share/bash-completion/bash_completion; _completion_loader clip-rsicd
    COMP_WORDS=(clip-rsicd search x --model rs) COMP_CWORD=4 COMP_LINE=\"clip-rsicd search x --model rs\"
    COMP_POINT=30; _clip-rsicd clip-rsicd rs --model; echo \${COMPREPLY[*]}"' '^rsicd-mini rs_own.pt$'
check "fish completes commands, models and files" says \
  'fish -c "complete -C\"clip-rsicd sea\"; complete -C\"clip-rsicd search x --model rs\"" | tr "\n\t" "  "' \
  '^search .*rsicd-mini .*rs_own.pt'
check "zsh completes commands, models and files" person 'zsh -f /tmp/complete.zsh'
check "the explorer opens and closes" person 'sh /tmp/explore.sh'

inside apt-get purge -y clip-rsicd > "$work/apt.log" 2>&1
check "nothing is left of the package" inside sh -c \
  'left=$(find /usr /etc /var/lib/dpkg -name "*clip-rsicd*"); echo "$left"; [ -z "$left" ]'

make install DESTDIR="$root" PREFIX=/opt/finder > "$work/install.log" 2>&1
check "make install works below another prefix" says '/opt/finder/bin/clip-rsicd doctor' \
  'rsicd-mini +/opt/finder/share/clip-rsicd/models/rsicd-mini, '
check "through a link too" says \
  'ln -s /opt/finder/bin/clip-rsicd finder && ./finder search planes -k 1' '^  1  0\.'
check "its page is found beside it" says 'PATH=$PATH:/opt/finder/bin man clip-rsicd | cat' '^EXAMPLES'
make uninstall DESTDIR="$root" PREFIX=/opt/finder > "$work/install.log" 2>&1
check "make uninstall leaves no file" holds \
  "$(find "$root/opt" -type f | wc -l | sed 's/^0$/none/' | grep none)"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
