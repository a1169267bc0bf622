"""bytes and CPU of the thermal pane at 30 frames/s; time to draw a frame"""
import fcntl, struct, subprocess, termios, time

from common import Console, compile_tool, row

SECONDS = 10
RATE = 30


def sized(columns, rows, *commands):
    """A console of that size with a camera of its own."""
    args = [a for c in commands for a in ('-c', c)]
    c = Console('--hosts', '1', '-c', f'serve thermal tcp 127.0.0.1:0 rate={RATE}',
                '-c', f'thermal rate={RATE}', *args)
    fcntl.ioctl(c.fd, termios.TIOCSWINSZ,
                struct.pack('HHHH', rows, columns, 0, 0))
    c.wait(b'frames/s')
    c.read(3)
    return c


def measure(what, c, aim_bytes, aim_cpu):
    before, start, written = c.cpu_ns(), time.monotonic(), 0
    while time.monotonic() < start + SECONDS:
        written += len(c.read(0.2))
    seconds = time.monotonic() - start
    row(f'{what}: KB a frame to the terminal',
        f'{written / (seconds * RATE) / 1e3:.1f}', aim_bytes)
    row(f'{what}: CPU, camera and capture included',
        f'{(c.cpu_ns() - before) / seconds / 1e7:.1f} %', aim_cpu)
    c.end()


def bench():
    print(f'thermal: a picture at {RATE} frames/s, 256 colours')
    measure('unscaled (80x24)', sized(80, 24), 'aim < 12', 'aim < 10 %')
    measure('four times (200x60)', sized(200, 60), 'aim < 40', '')
    measure('smooth (200x60)', sized(200, 60, 'thermal smooth'), '', '')
    tool = compile_tool('thermal', 'tui', 'net', 'proto', 'base')
    for size, how in ((('32', '12'), 'whole'), (('128', '48'), 'whole'),
                      (('149', '56'), 'smooth')):
        out = subprocess.run([tool, *size, how], capture_output=True,
                             text=True, check=True).stdout.split()
        decode, stats, draw = map(float, out[:3])
        row(f'{how} {"x".join(size)}: decode, measure, draw, us',
            f'{decode:.0f} {stats:.0f} {draw:.0f}',
            f'= {decode + stats + draw:.0f}, aim < 200')
