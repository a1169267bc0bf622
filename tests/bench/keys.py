"""keys in a capture of 10,000,000 packets: ms from a key to its picture"""
import os, statistics, subprocess, time

from common import BUILD, Console, compile_tool, row

PACKETS = 10_000_000
SNAPLEN = 78 # headers and a little: 0.8 GB
CAPTURE = os.path.join(BUILD, 'bench', 'keys.pcap')
LOADED = f'{PACKETS:,} pkts'.encode()
UP, DOWN, PAGE_UP, PAGE_DOWN = b'\x1b[A', b'\x1b[B', b'\x1b[5~', b'\x1b[6~'
TIMES = 10


def open_all(c):
    """Seconds until the console is silent, since all is on its screen."""
    shown = time.monotonic()
    while time.monotonic() < shown + 1:
        if c.read(-0.1):
            shown = time.monotonic()
    c.type(b'\x0c')
    c.seen = b''
    c.wait(LOADED)
    return shown - c.start


def press(c, key, silence=0.1):
    """Milliseconds until the screen answers, until it is done, and of CPU."""
    cpu, start = c.cpu_ns(), time.monotonic()
    c.type(key)
    first = last = None
    while time.monotonic() < (last or start) + silence:
        if c.read(-0.02):
            last = time.monotonic()
            first = first or last
    return [(t or start) * 1e3 - start * 1e3 for t in (first, last)] + [
        (c.cpu_ns() - cpu) / 1e6]


def measure(c, what, *keys):
    """Each key a few times, in turn."""
    took = [press(c, key) for _ in range(TIMES) for key in keys]
    first, last, cpu = zip(*took)
    row(what, f'{statistics.median(first):.1f} ({max(first):.1f})',
        f'aim 16; done {statistics.median(last):.1f} ({max(last):.1f}); '
        f'CPU {statistics.median(cpu):.1f} ({max(cpu):.1f})')


def command(c, text):
    return press(c, b':' + text.encode() + b'\r', 0.3)


def views(c, where, *names):
    for name in names:
        command(c, 'view ' + name)
        c.type(b'g')
        measure(c, f'{where} {name}: lines', DOWN, DOWN, UP)
        measure(c, f'{where} {name}: pages', PAGE_DOWN, PAGE_DOWN, PAGE_UP)
        measure(c, f'{where} {name}: ends', b'G', b'g')


def bench():
    os.makedirs(os.path.dirname(CAPTURE), exist_ok=True)
    if not os.path.exists(CAPTURE):
        subprocess.run([compile_tool('traffic'), CAPTURE, str(PACKETS),
                        str(SNAPLEN)], check=True)
    c = Console('-r', CAPTURE, '-c', 'view list')
    loaded = open_all(c)
    print(f'keys: {PACKETS:,} packets, open after {loaded:.1f} s; '
          f'ms a key, median (most) of {TIMES}')
    views(c, 'all', 'list', 'overhead', 'conversations', 'endpoints')
    for name in 'conversations', 'endpoints':
        command(c, 'view ' + name)
        measure(c, f'{name}: sort', b's')
    measure(c, 'next view', b'v')
    command(c, 'conversation 3')
    views(c, 'one of 250,000:', 'list', 'ladder', 'stream', 'rulers',
          'states', 'graphs')
    measure(c, 'next view', b'v')
    measure(c, 'next conversation', b']')
    command(c, 'conversation all')
    command(c, 'view list')
    for text in 'port:80', 'flags:syn port:80', 'verdict:retransmission':
        first, last, cpu = command(c, 'show ' + text)
        row(f'{text}: first pass', f'{last:.0f}',
            f'shows itself after {first:.1f}; CPU {cpu:.0f}')
        views(c, text, 'list')
    c.end()
