"""100,000, 300,000 and a million packets/s on lo while the console draws"""
import re, statistics, subprocess, time

from common import SOCKDECK, Console, compile_tool, row


def bench():
    flooder = compile_tool('flood')
    for rate in 100_000, 300_000, 1_000_000:
        load(flooder, rate)


def load(flooder, rate):
    print(f'load: {rate:,} packets/s on lo for 10 s, the console draws the '
          'list')
    c = Console('--hosts', '1', '-c', 'view list', '-c', 'focus packets')
    c.wait(b'LISTEN')
    c.read(1)
    flood = subprocess.Popen(
        [SOCKDECK, 'exec', '--lab', str(c.pid), '--', flooder, str(rate), '10'],
        stdout=subprocess.PIPE, text=True)
    delays = []
    before = c.cpu_ns()
    while flood.poll() is None:
        c.read(0.2)
        # Help covers the screen, and what is new on it is known.
        for key, text in ((b'?', b'keys and :commands'), (b'?', b'Packets')):
            c.seen = b''
            start = time.monotonic()
            c.type(key)
            delays.append(c.wait(text) - start)
    cpu = (c.cpu_ns() - before) / 1e9
    row('generator', flood.stdout.read().strip())
    c.type(b'\x0c')
    c.seen = b''
    c.read(1)
    counts = re.findall(rb'([\d,]+) pkts +([\d,]+) dropped', c.seen)
    row('packets captured', counts[-1][0].decode() if counts else '?')
    row('packets dropped', counts[-1][1].decode() if counts else '?', 'aim 0')
    row('key to screen, ms, median', f'{statistics.median(delays) * 1e3:.1f}')
    row('key to screen, ms, worst of %d' % len(delays),
        f'{max(delays) * 1e3:.1f}', 'aim < 50')
    row('CPU, s', f'{cpu:.1f}')
    row('peak memory, MB', f'{int(c.status("VmHWM")) / 1024:.0f}',
        'budget 256')
    c.end()
