"""bytes and CPU of a console at rest; time to the first frame"""
import statistics

from common import Console, row


def measure_rest(name, console, aim):
    console.read(4)
    before = console.cpu_ns()
    written = len(console.read(10))
    cpu = (console.cpu_ns() - before) / 1e6
    row(f'{name}: bytes/s to the terminal', f'{written / 10:.1f}', aim)
    row(f'{name}: CPU ms in 10 s, all processes', f'{cpu:.1f}')


def bench():
    print('idle: a console of 120x40 at rest')
    first = []
    for _ in range(9):
        c = Console()
        first.append(c.wait(b'1 Server') - c.start)
        c.wait(b'LISTEN')
        c.end()
    row('first frame, ms, median of 9 (lab included)',
        f'{statistics.median(first) * 1e3:.1f}', 'aim < 50')
    c = Console('-c', 'stop')
    c.wait(b'stopped')
    measure_rest('nothing counts', c, 'aim 0')
    c.end()
    c = Console()
    c.wait(b'LISTEN')
    measure_rest('accept() blocked', c, 'aim < 200')
    c.end()
