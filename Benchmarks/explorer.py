"""The explorer in a pseudo-terminal: start to first full frame, key to repaint while an index run goes on."""
import fcntl
import os
import pty
import select
import shutil
import signal
import struct
import subprocess
import tempfile
import termios
import time


class Terminal:
    """A program in a terminal of 120 × 40; what it writes is read and counted."""

    def __init__(self, command, environment):
        self.start = time.perf_counter()
        self.pid, self.file = pty.fork()
        if self.pid == 0:
            os.execve(command[0], command, environment)
        fcntl.ioctl(self.file, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        self.output = b""

    def read(self, seconds):
        """Bytes that come within the time, and when the first of them came."""
        end = time.perf_counter() + seconds
        first, data = None, b""
        while (left := end - time.perf_counter()) > 0:
            if not select.select([self.file], [], [], left)[0]:
                break
            try:
                piece = os.read(self.file, 65536)
            except OSError:
                break
            first = first or time.perf_counter()
            data += piece
        self.output += data
        return data, first

    def answer(self, seconds):
        """When the next bytes came, or the end of the time where none did."""
        select.select([self.file], [], [], seconds)
        return time.perf_counter()

    def until(self, wanted, seconds):
        end = time.perf_counter() + seconds
        while wanted not in self.output and time.perf_counter() < end:
            self.read(0.002)
        return time.perf_counter() - self.start if wanted in self.output else None

    def send(self, keys):
        os.write(self.file, keys)

    def resident(self):
        with open(f"/proc/{self.pid}/status") as status:
            return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmRSS"))

    def end(self):
        os.kill(self.pid, signal.SIGTERM)
        os.waitpid(self.pid, 0)
        os.close(self.file)


def run(command, work):
    folder = tempfile.mkdtemp(dir=work)
    environment = {"PATH": "/usr/bin:/bin", "HOME": folder, "TERM": "xterm-256color", "LANG": "C.UTF-8",
                   "XDG_DATA_HOME": os.path.join(folder, "data"), "XDG_STATE_HOME": os.path.join(folder, "state")}
    try:
        subprocess.run([command, "search", "river"], env=environment, check=True, capture_output=True)
        starts = []
        for _ in range(7):
            screen = Terminal([command, "explore", "--no-state"], environment)
            starts.append(screen.until(b"300", 5))
            screen.end()
        starts.sort()
        median = starts[len(starts) // 2]
        print(f"\nexplorer, embedded collection\n  start to first full frame {median * 1000:.0f} ms "
              f"(median of {len(starts)})  demanded ≤ 150: {'met' if median <= 0.15 else 'MISSED'}")
        repaint(command, folder, environment)
    finally:
        shutil.rmtree(folder)


def repaint(command, folder, environment):
    """Keys one at a time while `index` uses all cores."""
    scenes = os.path.join(folder, "more")
    subprocess.run([command, "scenes", "--into", scenes, "--count", "200", "--seed", "9"],
                   env=environment, check=True, capture_output=True)
    # Again and again, each time into another collection, until it is killed.
    again = 'i=0; while :; do i=$((i+1)); "$0" index "$1" --into "$1/../$i.sqlite" || exit 1; done'
    index = subprocess.Popen(["bash", "-c", again, command, scenes], env=environment, start_new_session=True,
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    screen = Terminal([command, "explore", "--no-state"], environment)
    screen.until(b"300", 5)
    screen.read(0.5)
    times = []
    text = b"/planes beside a long runway near green trees and a round stadium by the river bank "
    for key in (text * 3)[:240]:
        if index.poll() is not None:
            break
        sent = time.perf_counter()
        screen.send(bytes([key]))
        times.append(screen.answer(1) - sent)
        # What is found for the query comes later and is no answer to the next key.
        screen.read(0.06)
    running = index.poll() is None
    os.killpg(index.pid, signal.SIGKILL)
    index.wait()
    memory = screen.resident()
    screen.end()
    times.sort()
    if not times:
        print("  key to repaint: nothing was measured")
        return
    high = times[min(len(times) - 1, int(len(times) * 0.99))]
    print(f"  key to repaint, median {times[len(times) // 2] * 1000:.1f} ms, 99th percentile {high * 1000:.1f} ms "
          f"of {len(times)} keys, index run {'going on throughout' if running else 'FAILED'}"
          f"  demanded ≤ 16: {'met' if high <= 0.016 else 'MISSED'}\n  resident {memory:.0f} MB")
