# Opens the explorer in a terminal, types a query, and leaves.
set -eu
screen() { tmux -S /tmp/explore.socket "$@"; }
shows() {
  for _ in $(seq 100); do
    screen capture-pane -p > /tmp/explore.screen
    grep -q "$1" /tmp/explore.screen && return
    sleep 0.1
  done
  cat /tmp/explore.screen
  exit 1
}
screen -u new-session -d -x 80 -y 24 'clip-rsicd explore --no-state; echo "status=$?"; sleep 60'
shows Categories
screen send-keys / 'planes' Enter
shows 'airport_'
screen send-keys q
shows 'status=0'
screen kill-server
