"""the wire of a lab: bulk TCP and round trips against veth, 1 ms met, a flood"""
import os, re, statistics, subprocess, tempfile

from common import LIMIT, SOCKDECK, Console, compile_tool, row

ROUNDS = 5
PPS = 200000
DELAY_COUNT = 3000


def run(tool, *args):
    """Its lines as numbers; None where this user gets no such lab."""
    p = subprocess.run([tool, *map(str, args)], text=True, timeout=5 * LIMIT,
                       stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    if p.returncode == 3:
        return None
    p.check_returncode()
    return [[float(x) for x in line.split()] for line in p.stdout.splitlines()]


def median(values):
    return statistics.median(values)


def round_trips(tool, medium, how, where, aims):
    rtt = run(tool, how, medium, ROUNDS)
    if rtt is None:
        row(f'{medium}: round trip{where}', 'none here')
        return
    row(f'{medium}: round trip{where}, veth, us',
        f'{median(v for v, w in rtt) / 1000:.1f}')
    row(f'{medium}: round trip{where}, added, us',
        f'{median(w - v for v, w in rtt) / 1000:.1f}', 'aim < 15' if aims else '')


def against_veth(tool, medium, aims):
    bulk = run(tool, 'bulk', medium, ROUNDS)
    if bulk is None:
        row(f'{medium}', 'none here')
        return
    veth, wire = zip(*bulk)
    row(f'{medium}: bulk TCP, plain veth, MB/s', f'{median(veth):.0f}')
    row(f'{medium}: bulk TCP through the wire, MB/s', f'{median(wire):.0f}')
    row(f'{medium}: ratio', f'{median(w / v for v, w in bulk):.2f}',
        'aim >= 0.35' if aims else '')
    round_trips(tool, medium, 'rtt', '', aims)
    round_trips(tool, medium, 'rtt-apart', ', a core each', aims)
    sent, entered, left, received, drops, lost, equal = run(
        tool, 'flood', medium, PPS)[0]
    row(f'{medium}: packets/s sent', f'{sent / 2:.0f}', f'aim {PPS}')
    row(f'{medium}: of {sent:.0f} entered, left, received',
        f'{sent - entered:.0f} {sent - left:.0f} {sent - received:.0f}',
        'missing; aim 0 0 0')
    row(f'{medium}: dropped by interfaces, records lost',
        f'{drops:.0f} {lost:.0f}', 'aim 0 0')
    row(f"{medium}: counters equal the interfaces'",
        'yes' if equal else 'no', 'aim yes')


def on_the_wire(c):
    """How long each packet was under way, us: what the console notes of it in
    a file, to three digits."""
    with tempfile.TemporaryDirectory() as place:
        path = os.path.join(place, 'wire.pcapng')
        c.seen = b''
        c.type(f':save {path}\r'.encode())
        c.wait(b'saved')
        with open(path, 'rb') as f:
            noted = re.findall(rb'after ([0-9.]+) (us|ms) on the wire', f.read())
    return sorted(float(n) * (1000 if unit == b'ms' else 1)
                  for n, unit in noted)


def one_way(tool, delay):
    """What a datagram takes over the wire of a console that draws; median,
    99th percentile and worst, us. That the wire's thread and the receiver have
    to be woken is a part of it. And the 99th percentile without the receiver:
    from its arrival at the wire until it left it."""
    c = Console('--hosts', '2', '-c', f'wire delay={delay}', '-c', 'wire')
    try:
        c.wait(f'delay={delay}'.encode())
        lab = ['exec', '--lab', str(c.pid)]
        receiver = subprocess.Popen(
            [SOCKDECK, *lab, 'server', '--', tool, 'receive', str(DELAY_COUNT)],
            stdout=subprocess.PIPE, text=True)
        c.read(0.5)
        sender = subprocess.Popen([SOCKDECK, *lab, 'client', '--', tool,
                                   'send', '10.0.0.1', str(DELAY_COUNT)])
        while sender.poll() is None:
            c.read(0.1)
        out = receiver.communicate(timeout=LIMIT)[0]
        own = on_the_wire(c)
        return [*(int(x) / 1000 for x in out.split()),
                own[len(own) * 99 // 100]]
    finally:
        c.end()


def delays(tool):
    least, most, *_ = one_way(tool, '1us')
    row('1 us set: median, 99th percentile, us', f'{least:.0f} {most:.0f}')
    middle, most, worst, own = one_way(tool, '1ms')
    row('1 ms set: median, us', f'{middle:.0f}')
    row('1 ms set: 99th percentile, us', f'{most:.0f}', 'aim < 1100')
    row('1 ms set: worst, us', f'{worst:.0f}')
    row('1 ms set: 99th percentile on the wire itself, us', f'{own:.0f}',
        'aim < 1100')


def bench():
    print(__doc__)
    tool = compile_tool('wire', 'capture', 'net', 'proto', 'base',
                        libraries=['mnl', 'z'])
    against_veth(tool, 'TUN', True)
    against_veth(tool, 'veth', False)
    delays(tool)
